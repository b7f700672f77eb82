/** A stream of numbers in [0, 1), the same for ever for the same seed. */
export type Random = () => number

/** SplitMix32: turns one seed into well mixed words, to seed the generator below (Steele, Lea, Flood 2014). */
function splitMix(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return mixed ^ (mixed >>> 15)
  }
}

/** sfc32 of Chris Doty-Humphrey's PractRand: passes its tests, a few nanoseconds each. */
export function createRandom(seed: number): Random {
  const word = splitMix(seed)
  let [a, b, c, count] = [word(), word(), word(), 1]
  return () => {
    const sum = (a + b + count) | 0
    count = (count + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 2 ** 32
  }
}

/** Exponentially distributed with this mean. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random())
}

/** Normally distributed, mean 0 and deviation 1 (Box and Muller, 1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Its logarithm is uniform between those of `low` and `high`. */
export function logUniform(random: Random, low: number, high: number): number {
  return low * (high / low) ** random()
}

/** A whole number from 0 to `count` − 1. */
export function index(random: Random, count: number): number {
  return Math.floor(random() * count)
}
