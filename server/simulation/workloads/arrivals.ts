import { exponential, index, type Random } from '../random.ts'

/** Moments of arrival, seconds, ascending. */
export type Arrivals = (random: Random, count: number, meanGapS: number) => readonly number[]

/** One at a time, each without regard to the others. */
export const poisson: Arrivals = (random, count, meanGapS) => {
  const times: number[] = []
  let nowS = 0
  while (times.length < count) {
    nowS += exponential(random, meanGapS)
    times.push(nowS)
  }
  return times
}

const LARGEST_BURST = 31
const GAP_IN_BURST_S = 0.01

/** In bursts of 1 to 31, sixteen on average, one every 10 ms: a shell loop with `&`, or `make -j`. */
export const bursts: Arrivals = (random, count, meanGapS) => {
  const times: number[] = []
  let nowS = 0
  while (times.length < count) {
    nowS += exponential(random, meanGapS * ((LARGEST_BURST + 1) / 2))
    const size = 1 + index(random, LARGEST_BURST)
    for (let one = 0; one < size && times.length < count; one++) times.push(nowS + one * GAP_IN_BURST_S)
  }
  return times.sort((a, b) => a - b)
}
