import { type Ask, askOf } from './ask.ts'
import type { Board } from './board.ts'
import { prepareDemand } from './demand/prepare.ts'
import type { NodeShape } from './demand/shape.ts'
import type { PlaceRequest } from './request.ts'

/** The request as it is put to each shape of node, made when it is first needed. */
export function asksOf(request: PlaceRequest, board: Board, seed: number): (shape: number) => Ask {
  const { rules, knowledge, warmth } = board
  const nowMs = request.atMs
  const demandOn = prepareDemand(request, { referenceBytes: board.referenceBytes(), rules, knowledge, nowMs })
  const homeImage = (request.home === undefined ? undefined : board.get(request.home))?.image ?? null
  const context = { request, rules, homeImage, seed, lastRuns: (key: string) => warmth.of(key) }
  const asks: Ask[] = []
  const make = (shape: NodeShape) => askOf(context, demandOn(shape), shape)
  return index => (asks[index] ??= make(board.shape(index)))
}
