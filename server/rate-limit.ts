/** Addresses remembered in one second; beyond it (forged senders) nobody new is answered. */
const MAX_KEYS = 4096

/** Allows `perSecond` events a second for each key, in fixed seconds of the clock handed in. */
export class RateLimit {
  readonly #perSecond: number
  #second = -1
  readonly #counts = new Map<string, number>()

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Counts one event of `key`; false when it has had its share or when there are too many keys. */
  allows(key: string, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#counts.clear()
    }
    const count = this.#counts.get(key) ?? 0
    if (count >= this.#perSecond || (count === 0 && this.#counts.size >= MAX_KEYS)) return false
    this.#counts.set(key, count + 1)
    return true
  }
}
