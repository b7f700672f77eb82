import type { NodeId } from '../../config/values/node-id.ts'
import type { Demand } from '../../protocol/decision.ts'
import type { NodeShape } from './demand/shape.ts'
import type { PlaceRequest } from './request.ts'
import type { PlacementRules } from './snapshot.ts'
import { MEMORY_BASE } from './tuning.ts'

/** A request put to nodes of one shape: all that does not depend on the single node, worked out once. */
export type Ask = {
  readonly rules: PlacementRules
  readonly demand: Demand
  /** The figures of the demand, beside it because a decision reads them for every node. */
  readonly threads: number
  readonly memoryBytes: number
  /** What the price of a node's memory grows by: MEMORY_BASE to the power of the share asked for, less 1. */
  readonly memoryGrowth: number
  /** Name or id of the only node wanted; `null` for any. */
  readonly on: string | null
  /** Nodes that refused the process before; `null` when there are none, as nearly always. */
  readonly excluded: readonly NodeId[] | null
  readonly nowMs: number
  /** Reports from before this moment say nothing any more. */
  readonly freshSinceMs: number
  readonly seed: number
}

/** Puts `request`, which will want `demand` there, to the nodes of `shape`. */
export function askOf(
  request: PlaceRequest,
  demand: Demand,
  shape: NodeShape,
  rules: PlacementRules,
  seed: number,
): Ask {
  const { on = null, excluded = [], atMs } = request
  return {
    rules,
    demand,
    threads: demand.threads,
    memoryBytes: demand.memoryBytes,
    memoryGrowth: MEMORY_BASE ** (demand.memoryBytes / Math.max(1, shape.memoryTotalBytes)) - 1,
    on,
    excluded: excluded.length === 0 ? null : excluded,
    nowMs: atMs,
    freshSinceMs: atMs - rules.maxReportAgeMs,
    seed,
  }
}
