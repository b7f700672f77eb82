import * as z from 'zod'
import { Ipv4 } from '../config/values/ipv4.ts'
import { Mac } from '../config/values/mac.ts'
import { ImageDigest, NodeId } from '../config/values/node-id.ts'
import { Firmware, StageName } from './boot.ts'
import { Hardware, Load, Speed } from './hardware.ts'
import { HomeState } from './home.ts'

/**
 * Where a node stands. `booting`: seen on the wire, agent not here yet. `pending`: waits for approval. `failed`: its
 * boot stopped with a reason. `lost`: was ready, silent for too long.
 */
export const NodeState = z.enum(['booting', 'pending', 'ready', 'failed', 'lost'])
export type NodeState = z.output<typeof NodeState>

/** The DNS name in a node's certificate: deputies verify the agent against it, nobody resolves it. */
export function nodeDnsName(nodeId: NodeId): string {
  return `${nodeId}.node.godwit`
}

/** One dated stage; `atMs` counts from the start of this boot. */
export const BootStage = z.object({ name: StageName, atMs: z.number(), detail: z.string().optional() })
export type BootStage = z.output<typeof BootStage>

/** One boot of one machine. Times ending in `At` are milliseconds since the epoch. */
export const BootRecord = z.object({
  startedAt: z.number(),
  readyAt: z.number().nullable(),
  firmware: Firmware.nullable(),
  stages: z.array(BootStage),
})
export type BootRecord = z.output<typeof BootRecord>

/** One machine, as `godwit nodes --json` prints it (design §5). Fields are `null` until known. */
export const NodeView = z.object({
  id: NodeId,
  name: z.string(),
  state: NodeState,
  reason: z.string().nullable(),
  /** Whether it gets no new processes, by the operator's word. */
  draining: z.boolean().default(false),
  firmware: Firmware.nullable(),
  mac: Mac,
  ip: Ipv4.nullable(),
  image: z.object({ digest: ImageDigest }).nullable(),
  boot: BootRecord,
  hardware: Hardware.nullable(),
  speed: Speed.nullable(),
  load: Load.nullable(),
  /** The shared home folder there, as the last report had it; `null` where none is shared. */
  home: HomeState.nullable().default(null),
  processes: z.number().int(),
  lastSeenAt: z.number(),
})
export type NodeView = z.output<typeof NodeView>
