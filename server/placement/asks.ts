import type { Demand } from '../../protocol/decision.ts'
import { type Ask, type AskContext, askOf } from './ask.ts'
import type { Board } from './board.ts'
import { demandBy } from './demand/prepare.ts'
import type { NodeShape } from './demand/shape.ts'
import type { PlaceRequest } from './request.ts'

/** A request as it is put to each shape of node of a board, made when it is first needed. */
export class Asks {
  readonly #board: Board
  readonly #context: AskContext
  readonly #demandOn: (shape: NodeShape) => Demand
  readonly #made: Ask[] = []

  constructor(request: PlaceRequest, board: Board, seed: number) {
    const { rules, knowledge, warmth } = board
    const homeImage = (request.home === undefined ? undefined : board.get(request.home))?.image ?? null
    this.#board = board
    this.#context = { request, rules, homeImage, warmth, seed }
    const reading = board.readings.of(request, board.referenceBytes())
    this.#demandOn = demandBy(reading, request, { rules, knowledge, nowMs: request.atMs })
  }

  /** The ask of a slot's shape. */
  of(index: number): Ask {
    const known = this.#made[index]
    if (known !== undefined) return known
    const shape = this.#board.shape(index)
    const ask = askOf(this.#context, this.#demandOn(shape), shape)
    this.#made[index] = ask
    return ask
  }
}
