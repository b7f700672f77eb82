import { expect, test } from 'vitest'
import { ENDED_KEPT_BYTES, OUTPUT_KEPT_BYTES, toForget } from '../../../agent/output/retention.ts'

const HOUR_MS = 3_600_000

test('an output is kept for a day after its end', () => {
  const ended = [{ id: 'p-1', endedAtMs: 0, sizeBytes: 10 }]
  expect(toForget(ended, 24 * HOUR_MS - 1)).toEqual([])
  expect(toForget(ended, 24 * HOUR_MS)).toEqual(['p-1'])
})

test('where there are too many octets, the oldest go', () => {
  const most = ENDED_KEPT_BYTES / OUTPUT_KEPT_BYTES
  const ended = Array.from({ length: most + 2 }, (_, index) => ({
    id: `p-${index}`,
    endedAtMs: index,
    sizeBytes: OUTPUT_KEPT_BYTES,
  }))
  expect([...toForget(ended, HOUR_MS)].sort()).toEqual(['p-0', 'p-1'])
})

test('where there are too many, however small, the oldest go', () => {
  const ended = Array.from({ length: 1003 }, (_, index) => ({
    id: `p-${index}`,
    endedAtMs: index,
    sizeBytes: 0,
  }))
  expect([...toForget(ended, HOUR_MS)].sort()).toEqual(['p-0', 'p-1', 'p-2'])
})
