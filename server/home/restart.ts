const FIRST_MS = 500
const LONGEST_MS = 30_000

/** How long to wait before a program that failed `failures` times in a row (from 1) is started again, ms. */
export function restartAfterMs(failures: number): number {
  return Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS)
}
