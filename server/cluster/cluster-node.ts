import type { NodeView } from '../../protocol/node.ts'

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
