import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { heldBytes } from '../../../server/placement/reclaim.ts'
import { GIB, MIB } from './fixtures.ts'

const MINUTE_MS = 60_000

describe('of 1 GiB, a process that uses 400 MiB holds', () => {
  it.each([
    ['all while it is young', 30_000, null, GIB],
    ['all while its like usually live', 5 * MINUTE_MS, 5 * MINUTE_MS, GIB],
    ['half of what it does not use a minute later', 30_000 + MINUTE_MS, null, (460 * MIB + GIB) / 2],
    ['at last its use and a margin', 100 * MINUTE_MS, null, 460 * MIB],
  ])('%s', (_, ageMs, lifeMs, bytes) => {
    expect(heldBytes({ memoryBytes: GIB, ageMs, lifeMs }, 400 * MIB)).toBeCloseTo(bytes, -1)
  })
})

it('without a figure of its use the promise stands', () => {
  expect(heldBytes({ memoryBytes: GIB, ageMs: 100 * MINUTE_MS, lifeMs: null }, null)).toBe(GIB)
})

it('never more than promised, never less than 1.15 times the use, never more as it grows older', () => {
  const bytes = fc.integer({ min: MIB, max: 64 * GIB })
  const age = fc.integer({ min: 0, max: 100 * MINUTE_MS })
  fc.assert(
    fc.property(bytes, bytes, age, age, fc.option(age), (memoryBytes, usedBytes, ageMs, more, lifeMs) => {
      const held = heldBytes({ memoryBytes, ageMs, lifeMs }, usedBytes)
      expect(held).toBeLessThanOrEqual(memoryBytes)
      expect(held).toBeGreaterThanOrEqual(Math.min(memoryBytes, 1.15 * usedBytes))
      expect(heldBytes({ memoryBytes, ageMs: ageMs + more, lifeMs }, usedBytes)).toBeLessThanOrEqual(held)
    }),
  )
})
