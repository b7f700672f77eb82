import { expect, it } from 'vitest'
import { nextPace } from '../../../server/http/pace.ts'

it.each([
  ['slow', 5, 'brisk'],
  ['slow', 100, 'slow'],
  ['brisk', 900, 'brisk'],
  ['brisk', 1100, 'slow'],
] as const)('a %s client whose piece took %i ms is %s next', (pace, tookMs, next) => {
  expect(nextPace(pace, tookMs)).toBe(next)
})
