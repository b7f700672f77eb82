import type { Slot } from './slot.ts'

/** A node that could take the process, and its score. */
export type Contender = { readonly slot: Slot; readonly score: number }

/** The best few of many nodes, best first; among equals the one whose id sorts first, so their order is no luck. */
export class Shortlist {
  readonly #room: number
  readonly #slots: Slot[] = []
  /** Of the slots, one by one. Beside them and not in objects of both: of those, few would stay. */
  readonly #scores: number[] = []
  #limit = Number.POSITIVE_INFINITY

  /** Keeps the best `room`, at least 1. */
  constructor(room: number) {
    this.#room = room
  }

  /** The best, as far as they are known. */
  best(): readonly Contender[] {
    return this.#slots.map((slot, at) => ({ slot, score: this.#scores[at] ?? Number.NaN }))
  }

  /** A higher score than this is not among the best. */
  get limit(): number {
    return this.#limit
  }

  /** Takes a node in if it is among the best so far. */
  offer(slot: Slot, score: number): void {
    const slots = this.#slots
    const scores = this.#scores
    let at = slots.length
    for (; at > 0; at -= 1) {
      const before = slots[at - 1]
      const beforeScore = scores[at - 1]
      if (before === undefined || beforeScore === undefined) break
      if (beforeScore < score || (beforeScore === score && before.id < slot.id)) break
      if (at === this.#room) continue
      slots[at] = before
      scores[at] = beforeScore
    }
    if (at === this.#room) return
    slots[at] = slot
    scores[at] = score
    this.#limit = scores[this.#room - 1] ?? Number.POSITIVE_INFINITY
  }
}
