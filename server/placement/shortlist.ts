import type { Slot } from './slot.ts'

/** The best few of many nodes, best first; among equals the one whose id sorts first, so their order is no luck. */
export class Shortlist {
  readonly #room: number
  readonly #best: Slot[] = []
  /** Of {@link #best}, one by one: numbers side by side, not an object each, of which few would stay. */
  readonly #scores: number[] = []
  #limit = Number.POSITIVE_INFINITY

  /** Keeps the best `room`, at least 1. */
  constructor(room: number) {
    this.#room = room
  }

  /** The best, as far as they are known. */
  get best(): readonly Slot[] {
    return this.#best
  }

  /** A higher score than this is not among the best. */
  get limit(): number {
    return this.#limit
  }

  /** Takes a node in if it is among the best so far. */
  offer(slot: Slot, score: number): void {
    const best = this.#best
    const scores = this.#scores
    let at = best.length
    for (; at > 0; at -= 1) {
      const before = best[at - 1]
      const beforeScore = scores[at - 1]
      if (before === undefined || beforeScore === undefined) break
      if (beforeScore < score || (beforeScore === score && before.id < slot.id)) break
      if (at === this.#room) continue
      best[at] = before
      scores[at] = beforeScore
    }
    if (at === this.#room) return
    best[at] = slot
    scores[at] = score
    this.#limit = scores[this.#room - 1] ?? Number.POSITIVE_INFINITY
  }
}
