import { expect, it } from 'vitest'
import { parseDuration } from '../../../config/values/duration.ts'

it.each([
  ['90', 90_000],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['0', undefined],
  ['', undefined],
  ['-1', undefined],
  ['5 m', undefined],
  ['1w', undefined],
  ['999999999d', undefined],
])('%j is %s ms', (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs)
})
