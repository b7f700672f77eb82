/** Weight of a value against that of the one added after it: half after eleven. */
const FADE = 0.94

/**
 * A few values, kept in order of size, of which the latest weigh most: what quantiles over a short window are read
 * from. Values are added oldest first.
 */
export class Sample {
  readonly #values: number[] = []
  readonly #weights: number[] = []
  /** Weights are relative: instead of fading all that are there, each new one weighs more. */
  #recency = 1
  #size = 0
  #total = 0

  /** Forgets all values, to be used again. */
  clear(): void {
    this.#size = 0
    this.#recency = 1
    this.#total = 0
  }

  get size(): number {
    return this.#size
  }

  /** Adds a value that counts `weight` times as much as an ordinary one would in its place. */
  add(value: number, weight: number): void {
    const values = this.#values
    const weights = this.#weights
    let at = this.#size
    // Insertion: for a window this short it is faster than a general sort with its comparisons by callback.
    while (at > 0) {
      const before = values[at - 1] ?? 0
      if (before <= value) break
      values[at] = before
      weights[at] = weights[at - 1] ?? 0
      at -= 1
    }
    values[at] = value
    weights[at] = weight * this.#recency
    this.#size += 1
    this.#total += weight * this.#recency
    this.#recency /= FADE
  }

  /** The smallest value that at least `share` (0 to 1) of the weight does not exceed: always one of the values. */
  quantile(share: number): number | undefined {
    const sought = share * this.#total
    let below = 0
    for (let index = 0; index < this.#size; index += 1) {
      below += this.#weights[index] ?? 0
      if (below >= sought) return this.#values[index]
    }
    return this.#size === 0 ? undefined : this.#values[this.#size - 1]
  }
}
