import * as z from 'zod'
import { Ipv4 } from '../../config/values/ipv4.ts'
import { Mac } from '../../config/values/mac.ts'
import { ImageDigest, NodeId } from '../../config/values/node-id.ts'
import { Hardware, Speed } from '../../protocol/hardware.ts'
import { nodeIdOf } from './name.ts'
import { BootTrack } from './timeline.ts'

/** Where the store keeps nodes: `node/<id>`. */
export const NODE_PREFIX = 'node/'

/**
 * One agent's membership: which run of the kernel joined, in which boot, where its agent listens. `confirmed` once
 * the hardware of this boot arrived, which proves that the welcome did. `lostAtMs` while it is silent.
 */
const Join = z.object({
  kernelBootId: z.string(),
  bootId: z.string(),
  agentPort: z.number().int(),
  agentVersion: z.string(),
  atMs: z.number(),
  confirmed: z.boolean(),
  lostAtMs: z.number().nullable(),
  lostReason: z.string().nullable(),
})

/** One machine as the store keeps it. Load is not here: it is worth nothing after a restart. */
export const NodeRecord = z.object({
  id: NodeId,
  name: z.string(),
  mac: Mac,
  ip: Ipv4.nullable(),
  image: ImageDigest.nullable(),
  approved: z.boolean(),
  /** Whether the operator lets it run empty: what runs there stays, nothing new comes. */
  draining: z.boolean().default(false),
  boots: z.array(BootTrack).readonly(),
  join: Join.nullable(),
  hardware: Hardware.nullable(),
  speed: Speed.nullable(),
  lastSeenAt: z.number(),
})
export type NodeRecord = z.output<typeof NodeRecord>

/** A machine that was just seen for the first time. */
export function newNode(mac: Mac, name: string, approved: boolean, nowMs: number): NodeRecord {
  return {
    id: nodeIdOf(mac),
    name,
    mac,
    ip: null,
    image: null,
    approved,
    draining: false,
    boots: [],
    join: null,
    hardware: null,
    speed: null,
    lastSeenAt: nowMs,
  }
}
