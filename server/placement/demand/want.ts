import type { NodeShape } from './shape.ts'

/** What a command tells by itself of what it will want, before anything was learned of it. */
export type Want = {
  readonly threads: number
  readonly threadsFrom: string
  /** Threads by a flag such as `make -j8`; `null` where `threads` is a guess. */
  readonly announcedThreads: number | null
  /** Bytes it likely takes on a node of this shape. */
  readonly memoryBytes: (shape: NodeShape) => number
  readonly memoryFrom: string
  /** The same by a flag that fixes it, whatever the node; `null` where it is a guess. */
  readonly announcedBytes: number | null
  /** Whether nothing is known of such programs, so that the runs of all others may speak for this one. */
  readonly isUnknownKind: boolean
  /** Limit for the cgroup, the same on every node; `null` where only a guess would set it. */
  readonly limitBytes: number | null
}
