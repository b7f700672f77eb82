import type { NodeId } from '../../config/values/node-id.ts'
import type { Decision, Demand } from '../../protocol/decision.ts'
import { Asks } from './asks.ts'
import { Board } from './board.ts'
import { choose } from './choose.ts'
import { explain } from './explain.ts'
import type { PlaceRequest } from './request.ts'
import type { Snapshot } from './snapshot.ts'

/** Where the process runs, or that it cannot; `decision` tells what was weighed. */
export type Placement =
  | { readonly kind: 'placed'; readonly node: NodeId; readonly decision: Decision; readonly demand: Demand }
  | { readonly kind: 'unplaceable'; readonly decision: Decision }

/**
 * Decides, once, where a process runs: leaves out the nodes that cannot take it, each with its reason, and takes of
 * the others the one where it slows down the least, itself and what runs there. Pure: the same request, snapshot and
 * seed give the same plan, so a decision can be told again long after.
 */
export function place(request: PlaceRequest, snapshot: Snapshot, seed: number): Placement {
  return placeOn(request, Board.of(snapshot), seed)
}

/** The same on a board that is kept from decision to decision; it is only read. */
export function placeOn(request: PlaceRequest, board: Board, seed: number): Placement {
  const asks = new Asks(request, board, seed)
  const choice = choose(board.slots, asks)
  const { process, command, atMs } = request
  const decision = explain({ process, command: [...command], atMs, seed }, choice, asks)
  const best = decision.candidates[0]
  return best === undefined
    ? { kind: 'unplaceable', decision }
    : { kind: 'placed', node: best.node, decision, demand: best.demand }
}
