import { median } from '../bench/stats.ts'
import type { Footprint } from './memory.ts'

type Figure = Exclude<keyof Footprint, 'faults'>

/** Growth that is no leak: what garbage collection leaves undone, caches that fill. Bytes, descriptors. */
const ALLOWED: Readonly<Record<Figure, number>> = {
  heapBytes: 4 * 2 ** 20,
  rssBytes: 24 * 2 ** 20,
  openFiles: 16,
}

/** How much one figure grew from the middle third of the run to the last. */
export type Growth = {
  readonly figure: Figure
  readonly middle: number
  readonly last: number
  readonly isFlat: boolean
}

/**
 * Compares medians of the middle and the last third of the samples: the first third is warming up. A leak of as little
 * as a few bytes a datagram shows in a long run. Needs at least three samples.
 */
export function growthOf(samples: readonly Footprint[]): readonly Growth[] {
  const third = Math.floor(samples.length / 3)
  return (['heapBytes', 'rssBytes', 'openFiles'] as const).map(figure => {
    const middle = median(samples.slice(third, 2 * third).map(sample => sample[figure]))
    const last = median(samples.slice(-third).map(sample => sample[figure]))
    return { figure, middle, last, isFlat: last - middle <= ALLOWED[figure] }
  })
}
