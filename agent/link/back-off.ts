/** First wait, then doubled; a server restart must not cost more than this. */
const FIRST_MS = 250
/** Longest wait: however long a server was away, it has its nodes back in this time. */
const LONGEST_MS = 4000

/**
 * Milliseconds to wait before the next try after `failures` (>= 1) in a row. `chance` in [0, 1) spreads the upper
 * half, so that a hundred nodes do not come back in the same instant.
 */
export function backOffMs(failures: number, chance: number): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20))
  return Math.round(fullMs / 2 + (fullMs / 2) * chance)
}
