import type { NodeView } from '../../protocol/node.ts'
import type { NodeFacts } from '../placement/measure.ts'
import type { LiveNode } from './node-book.ts'
import { standingOf } from './standing.ts'

/**
 * A node with what placement and tickets need beside its view. `kernelBootId` is `null` until an agent joined.
 * `present`: the agent of that boot is here, or silent for so short that it is expected back. `connected`: it can be
 * told something now.
 */
export type ClusterNode = {
  readonly view: NodeView
  readonly kernelBootId: string | null
  readonly agentPort: number | null
  readonly present: boolean
  readonly connected: boolean
  readonly reportedAtMs: number | null
}

/** What placement weighs of a node; made anew at each report, so without what only people read. */
export function factsOf({ record, load, reportedAtMs }: LiveNode): NodeFacts {
  const { id, name, draining, image, hardware, speed } = record
  return { id, name, state: standingOf(record).state, draining, image, hardware, speed, load, reportedAtMs }
}
