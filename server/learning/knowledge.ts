import type { NodeId } from '../../config/values/node-id.ts'

/** One figure as past runs have it: how many runs speak, their median, and the high quantile to be prepared for. */
export type Learned = { readonly runs: number; readonly median: number; readonly high: number }

/** What past runs of one key (a command, an executable, everything) say. Bytes, threads, milliseconds. */
export type Experience = {
  readonly runs: number
  /**
   * Threads at work, 75 % quantile. Only runs that announced a figure as this one does count, scaled to what it
   * announces: a `make -j8` says half of what a `make -j16` will want. `null`: nothing announced.
   */
  threads(announced: number | null): Learned | undefined
  /** Peak memory, 90 % quantile, by the same rule; a heap that a flag fixes is an announcement. */
  memory(announcedBytes: number | null): Learned | undefined
  /** Median wall-clock life; `null` where every run was cut short. */
  lifeMs(): number | null
  /** What memory is multiplied by after the kernel killed runs for it; 1 when that was long ago or never. */
  readonly oomRaise: number
}

/** What was learned from processes that ended; a view that answers at once, from memory. */
export type Knowledge = {
  experience(key: string, nowMs: number): Experience | undefined
  /**
   * A node's speed, 1 is one core of the reference machine: its `benchmark` at boot, corrected by how long its
   * processes took against other runs of the same commands, by 20 % at most. A node judged slow that got nothing for
   * long counts as the fastest, once, so that the judgement can turn out wrong.
   */
  speedOf(node: NodeId, benchmark: number, nowMs: number): number
}

/** The knowledge of a cluster on its first day. */
export const NOTHING_KNOWN: Knowledge = {
  experience: () => undefined,
  speedOf: (_node, benchmark) => benchmark,
}
