import type { Slot } from './slot.ts'

/** A node that could take the process, and its score. */
export type Contender = { readonly slot: Slot; readonly score: number }

/** The best few of many nodes, best first; among equals the one whose id sorts first, so their order is no luck. */
export class Shortlist {
  readonly #room: number
  readonly #best: Contender[] = []

  /** Keeps the best `room`, at least 1. */
  constructor(room: number) {
    this.#room = room
  }

  /** The best, as far as they are known. */
  get best(): readonly Contender[] {
    return this.#best
  }

  /** A higher score than this is not among the best. */
  get limit(): number {
    return this.#best[this.#room - 1]?.score ?? Number.POSITIVE_INFINITY
  }

  /** Takes a node in if it is among the best so far. */
  offer(contender: Contender): void {
    const best = this.#best
    let at = best.length
    for (; at > 0; at -= 1) {
      const before = best[at - 1]
      if (before === undefined || !isBefore(contender, before)) break
    }
    if (at >= this.#room) return
    best.splice(at, 0, contender)
    if (best.length > this.#room) best.pop()
  }
}

function isBefore(a: Contender, b: Contender): boolean {
  return a.score < b.score || (a.score === b.score && a.slot.id < b.slot.id)
}
