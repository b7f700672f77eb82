import type { ImageDigest, NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { NodeState } from '../../protocol/node.ts'
import type { Knowledge } from '../learning/knowledge.ts'
import type { Warmth } from './warmth.ts'

/** What one process placed on a node was promised, from the moment of its decision until its end is known. */
export type Reservation = {
  readonly process: ProcessId
  /** What it still holds of its promise, see `heldBytes`. */
  readonly memoryBytes: number
  readonly threads: number
  /** Median life of such processes, milliseconds; `null` where nothing is known. */
  readonly lifeMs: number | null
  /**
   * Reports of its node that named it. After the first its memory is in the measured figures; its work is in all of
   * the measured time only after the second. Whether a report is younger than the decision says nothing: the process
   * may have been on its way.
   */
  readonly reports: number
  /** What the last of them says it uses; `null` before, or where the kernel does not count. */
  readonly usedBytes: number | null
}

/** A node as placement sees it: what it is, what it measured last, what it was promised since. */
export type NodeSnapshot = {
  readonly id: NodeId
  readonly name: string
  readonly state: NodeState
  /** Gets no new processes, by the operator's word. */
  readonly draining: boolean
  /** The image it booted; `null` where it did not say. */
  readonly image: ImageDigest | null
  /** One thread's speed; 1 is one core of the reference machine. */
  readonly speed: number
  /** How many threads run at that speed at once: hardware threads, corrected for those that share a core. */
  readonly capacity: number
  /** Threads at work by the last report; may exceed `capacity`. */
  readonly busyThreads: number
  readonly memoryTotalBytes: number
  /** By the last report, everything on the node included; caches that give way are not. */
  readonly memoryUsedBytes: number
  /** By the server's clock, since the epoch; `null` when there was no report in this boot. */
  readonly reportedAtMs: number | null
  readonly reservations: readonly Reservation[]
}

/** The rules of the cluster that every placement follows. */
export type PlacementRules = {
  /** Share of a node's memory that may be taken, 0 to 1. */
  readonly memoryCeiling: number
  /** Reservation of a program nothing is known of. */
  readonly defaultMemoryBytes: number
  /** A report older than this says nothing any more. */
  readonly maxReportAgeMs: number
}

/** Everything a decision looks at besides the request. */
export type Snapshot = {
  readonly nodes: readonly NodeSnapshot[]
  readonly rules: PlacementRules
  /** What past runs have taught; nothing when left out. */
  readonly knowledge?: Knowledge
  /** Where commands ran lately; nowhere when left out. */
  readonly warmth?: Warmth
}

/** From this report on, the time over which a node measures its load is time in which the process was there. */
export const WHOLE_REPORTS = 2

/** What of a node is spoken for. */
export type Taken = { readonly memoryBytes: number; readonly threads: number }

/**
 * Memory: used, plus promised and not used yet; never less than all promises together, because what a cgroup counts as
 * used includes page cache, which the node counts as free. Threads: measured at work, plus those of processes that the
 * reports have not seen whole; without them, a burst of starts would all go to one node.
 */
export function takenOf({ memoryUsedBytes, busyThreads, capacity, reservations }: NodeSnapshot): Taken {
  let promisedBytes = 0
  let unusedBytes = 0
  let threads = busyThreads
  for (const one of reservations) {
    promisedBytes += one.memoryBytes
    const usedBytes = one.reports === 0 ? 0 : (one.usedBytes ?? one.memoryBytes)
    unusedBytes += Math.max(0, one.memoryBytes - usedBytes)
    if (one.reports < WHOLE_REPORTS) threads += Math.min(one.threads, capacity)
  }
  return { memoryBytes: Math.max(memoryUsedBytes + unusedBytes, promisedBytes), threads }
}
