/** The smallest and the largest of several measurements of one figure. */
export type Spread = { readonly min: number; readonly max: number }

/** Measurements by name; each name carries its unit. */
export type Figures = Readonly<Record<string, number>>

/** The middle value, or the mean of the two middle ones. Throws RangeError for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  if (upper === undefined || lower === undefined) throw new RangeError('the median of no values')
  return (lower + upper) / 2
}

/** Smallest and largest value. Throws RangeError for no values. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('the spread of no values')
  return { min: Math.min(...values), max: Math.max(...values) }
}

/**
 * The medians and spreads of several samples, figure by figure. A figure that some samples lack is made of those
 * that have it: a boot that skipped a stage says nothing about it.
 */
export function summarize(samples: readonly Figures[]): {
  readonly medians: Figures
  readonly spread: Readonly<Record<string, Spread>>
} {
  const names = [...new Set(samples.flatMap(sample => Object.keys(sample)))]
  const columns = names.map(
    name => [name, samples.map(sample => sample[name]).filter(value => value !== undefined)] as const,
  )
  return {
    medians: Object.fromEntries(columns.map(([name, values]) => [name, rounded(median(values))])),
    spread: Object.fromEntries(columns.map(([name, values]) => [name, spread(values)])),
  }
}

/** To a thousandth: nothing here is measured finer. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
