/** The smallest value that at least `share` of the values do not exceed (nearest rank); NaN for no value. */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const rank = Math.ceil(share * ascending.length)
  return ascending[Math.max(0, rank - 1)] ?? Number.NaN
}
