import { expect, it } from 'vitest'
import { fuzzDecoders } from './run.ts'

it('every decoder holds its property for 5000 inputs', async () => {
  const report = await fuzzDecoders({ count: 5000, seed: 7 }, new AbortController().signal, () => {})
  expect(report.failures, report.recentHex.join('\n')).toEqual([])
  expect(report.sent).toBe(5000)
})
