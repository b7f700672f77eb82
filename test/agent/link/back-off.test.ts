import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backOffMs } from '../../../agent/link/back-off.ts'

test.each([
  [1, 0, 125],
  [1, 0.999_999, 250],
  [2, 0, 250],
  [4, 0.5, 1500],
  [50, 0, 2000],
  [1_000_000, 0.999_999, 4000],
])('after %i failures, with chance %f: %i ms', (failures, chance, waitMs) => {
  expect(backOffMs(failures, chance)).toBe(waitMs)
})

test('never sooner than half the step, never later than four seconds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, chance) => {
        const waitMs = backOffMs(failures, chance)
        expect(waitMs).toBeGreaterThanOrEqual(125)
        expect(waitMs).toBeLessThanOrEqual(4000)
      },
    ),
  )
})
