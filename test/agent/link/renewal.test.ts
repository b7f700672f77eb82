import { expect, test } from 'vitest'
import { renewAfterMs } from '../../../agent/link/renewal.ts'

const DAY_MS = 86_400_000
test.each([
  ['a fresh certificate', 30 * DAY_MS, 10 * DAY_MS],
  ['half a life', 15 * DAY_MS, 7.5 * DAY_MS],
  ['the last hour', 3_600_000, 3_600_000],
  ['a node whose clock is ahead', -400 * DAY_MS, 3_600_000],
  ['a node whose clock is decades behind', 9000 * DAY_MS, 10 * DAY_MS],
])('%s is renewed in time', (_name, lifeLeftMs, afterMs) => {
  expect(renewAfterMs(lifeLeftMs)).toBe(afterMs)
  expect(renewAfterMs(lifeLeftMs)).toBeLessThan(2 ** 31)
})
