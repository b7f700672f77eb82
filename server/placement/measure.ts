import type { ImageDigest, NodeId } from '../../config/values/node-id.ts'
import type { Hardware, Load, Speed } from '../../protocol/hardware.ts'
import type { NodeState } from '../../protocol/node.ts'
import { capacityOf } from './capacity.ts'
import type { NodeSnapshot, Reservation } from './snapshot.ts'

/** What the cluster knows of a node; `null` where nothing was told yet. `reportedAtMs` is the server's clock. */
export type NodeFacts = {
  readonly id: NodeId
  readonly name: string
  readonly state: NodeState
  readonly draining: boolean
  readonly image: ImageDigest | null
  readonly hardware: Hardware | null
  readonly speed: Speed | null
  readonly load: Load | null
  readonly reportedAtMs: number | null
}

/** From here on a processor is full, and only the run queue tells how much more there is to do. */
const FULL = 0.9

/** Threads at work: the busy share of the processor, or the run queue where that is full. */
function busyThreads(load: Load, threads: number): number {
  const busy = load.cpuBusy * threads
  return load.cpuBusy < FULL ? busy : Math.max(busy, load.runnable)
}

/** The node as placement sees it, with what is held there. */
export function toNodeSnapshot(facts: NodeFacts, reservations: readonly Reservation[]): NodeSnapshot {
  const { id, name, state, draining, image, hardware, speed, load, reportedAtMs } = facts
  const threads = hardware?.cpu.threads ?? 1
  const memoryTotalBytes = load?.memoryTotalBytes ?? hardware?.memory.totalBytes ?? 0
  return {
    id,
    name,
    state,
    draining,
    image,
    speed: speed?.single ?? 1,
    capacity: capacityOf(threads, speed),
    busyThreads: load === null ? 0 : busyThreads(load, threads),
    memoryTotalBytes,
    memoryUsedBytes: memoryTotalBytes - (load?.memoryAvailableBytes ?? memoryTotalBytes),
    reportedAtMs: load === null ? null : reportedAtMs,
    reservations,
  }
}
