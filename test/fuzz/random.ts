/** Random numbers that are the same for the same seed (xorshift128, Marsaglia 2003), a few nanoseconds each. */
export type Random = {
  /** 0 to 2³² − 1. */
  next(): number
  /** 0 to `limit` − 1. */
  below(limit: number): number
  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean
  pick<T>(values: readonly T[]): T
  bytes(count: number): Uint8Array
}

/** Makes a row of random numbers; each seed, also 0, gives another. */
export function createRandom(seed: number): Random {
  let [x, y, z, w] = [seed ^ 0x9e3779b9, Math.imul(seed, 0x85ebca6b) ^ 0x243f6a88, 0xb7e15162, seed | 1]
  const next = () => {
    const t = x ^ (x << 11)
    x = y
    y = z
    z = w
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8)
    return w >>> 0
  }
  const below = (limit: number) => next() % limit
  // The first numbers still show the seed.
  for (let round = 0; round < 20; round += 1) next()
  return {
    next,
    below,
    chance: percent => next() % 100 < percent,
    pick: values => {
      const value = values[next() % values.length]
      if (value === undefined) throw new RangeError('nothing to pick from')
      return value
    },
    bytes: count => {
      const bytes = new Uint8Array(count)
      for (let at = 0; at < count; at += 1) bytes[at] = next()
      return bytes
    },
  }
}
