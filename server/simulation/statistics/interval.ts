/** A mean over independent runs and the half width of its 95 % confidence interval; 0 for a single run. */
export type Interval = { readonly mean: number; readonly halfWidth: number }

/** Student's t for 95 %, two-sided, by degrees of freedom from 1; beyond the table the normal distribution's. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const
const NORMAL_95 = 1.96

/** The arithmetic mean; NaN for no value. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Mean and confidence interval of values from independent runs, by Student's t. */
export function intervalOf(values: readonly number[]): Interval {
  const mean = meanOf(values)
  const freedom = values.length - 1
  if (freedom < 1) return { mean, halfWidth: 0 }
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / freedom
  return { mean, halfWidth: (T_95[freedom - 1] ?? NORMAL_95) * Math.sqrt(variance / values.length) }
}

/**
 * How much larger `a` is than `b` as a ratio of means, with the interval of the paired ratios: both lists come from the
 * same seeds in the same order, so that what a seed does to both cancels out.
 */
export function pairedRatio(a: readonly number[], b: readonly number[]): Interval {
  const { halfWidth } = intervalOf(a.map((value, at) => value / (b[at] ?? Number.NaN)))
  return { mean: meanOf(a) / meanOf(b), halfWidth }
}
