/** What of a node decides how much a process takes there; nodes of one shape share one demand. */
export type NodeShape = {
  /** Threads that run at the node's speed at once. */
  readonly capacity: number
  /** Memory the node's kernel manages. */
  readonly memoryTotalBytes: number
}
