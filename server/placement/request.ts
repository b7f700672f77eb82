import type { NodeId, ProcessId } from '../../config/values/node-id.ts'

/** A process to place, with all that is known of it before it runs. */
export type PlaceRequest = {
  readonly process: ProcessId
  readonly command: readonly string[]
  /** The variables a runtime takes options from, JDK_JAVA_OPTIONS and the like; others are ignored. */
  readonly env: Readonly<Record<string, string>>
  /** Whose process it is: two users' runs of one command are remembered apart. */
  readonly uid?: number | undefined
  /** Now, by the server's clock, milliseconds since the epoch. */
  readonly atMs: number
  /** Memory the user asks for; goes before every estimate. */
  readonly memoryBytes?: number | undefined
  /** Threads the user says it will keep busy; goes before every estimate. */
  readonly threads?: number | undefined
  /** Name or id of the node the user wants. */
  readonly on?: string | undefined
  /** The node it was asked for on, where that was one of ours. */
  readonly home?: NodeId | undefined
  /** A node that is kept for a process that waits longer. */
  readonly kept?: NodeId | undefined
  /** Nodes that refused this process already. */
  readonly excluded?: readonly NodeId[] | undefined
  /** Contents of `@argfiles` by the path that follows the `@`, as far as they could be read. */
  readonly argFiles?: ReadonlyMap<string, string> | undefined
}
