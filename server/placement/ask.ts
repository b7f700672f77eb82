import type { ImageDigest, NodeId } from '../../config/values/node-id.ts'
import type { Demand } from '../../protocol/decision.ts'
import { parseWish } from '../../protocol/node-wish.ts'
import type { NodeShape } from './demand/shape.ts'
import type { PlaceRequest } from './request.ts'
import type { NodeSnapshot, PlacementRules } from './snapshot.ts'
import { MEMORY_BASE, REMOTE_OVERHEAD_MS, UNKNOWN_LIFE_MS, WARM_MS } from './tuning.ts'
import type { LastRuns, Warmth } from './warmth.ts'

/** A request put to nodes of one shape: all that does not depend on the single node, worked out once. */
export type Ask = {
  readonly rules: PlacementRules
  readonly demand: Demand
  /** The figures of the demand, beside it because a decision reads them for every node. */
  readonly threads: number
  readonly memoryBytes: number
  /** What the price of a node's memory grows by: MEMORY_BASE to the power of the share asked for, less 1. */
  readonly memoryGrowth: number
  /** Which nodes are wanted, in the asker's words; `null` for any. */
  readonly on: string | null
  /** The same as a test of a node. */
  readonly wanted: ((node: NodeSnapshot) => boolean) | null
  /** Nodes that refused the process before; `null` when there are none, as nearly always. */
  readonly excluded: readonly NodeId[] | null
  /** A node kept for another process. */
  readonly kept: NodeId | null
  /** The node it was asked for on, and the image that runs there; `null` where that is none of ours. */
  readonly home: NodeId | null
  readonly homeImage: ImageDigest | null
  /** How long it likely lives, milliseconds, at least 1. */
  readonly lifeMs: number
  /** What running elsewhere costs it, as a share of its life. */
  readonly remoteCost: number
  /** Where the command ran, and from when on that counts. */
  readonly lastRuns: LastRuns | null
  readonly warmSinceMs: number
  readonly nowMs: number
  /** Reports from before this moment say nothing any more. */
  readonly freshSinceMs: number
  readonly seed: number
}

/** What an ask is made of beside the shape of the node and the demand there. */
export type AskContext = {
  readonly request: PlaceRequest
  readonly rules: PlacementRules
  readonly homeImage: ImageDigest | null
  readonly warmth: Warmth
  readonly seed: number
}

/** Puts a request, which will want `demand` there, to the nodes of `shape`. */
export function askOf(context: AskContext, demand: Demand, shape: NodeShape): Ask {
  const { request, rules, homeImage, seed } = context
  const { on = null, excluded = [], kept = null, home = null, atMs } = request
  const lifeMs = Math.max(1, demand.lifeMs ?? UNKNOWN_LIFE_MS)
  return {
    rules,
    demand,
    threads: demand.threads,
    memoryBytes: demand.memoryBytes,
    memoryGrowth: MEMORY_BASE ** (demand.memoryBytes / Math.max(1, shape.memoryTotalBytes)) - 1,
    on,
    wanted: on === null ? null : wantedBy(on),
    excluded: excluded.length === 0 ? null : excluded,
    kept,
    home,
    homeImage,
    lifeMs,
    remoteCost: REMOTE_OVERHEAD_MS / lifeMs,
    lastRuns: context.warmth.of(demand.key) ?? null,
    warmSinceMs: atMs - WARM_MS,
    nowMs: atMs,
    freshSinceMs: atMs - rules.maxReportAgeMs,
    seed,
  }
}

/** A wish that cannot be read wants no node: the admin API has let none such through. */
function wantedBy(on: string): (node: NodeSnapshot) => boolean {
  const wish = parseWish(on)
  if (wish.kind === 'bad') return () => false
  return ({ capacity, id, image, memoryTotalBytes, name, speed }) =>
    wish.matches({ id, name, image, memoryBytes: memoryTotalBytes, threads: capacity, speed })
}
