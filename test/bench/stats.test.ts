import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, rounded, spread, summarize } from './stats.ts'

describe('median and spread', () => {
  it.each([
    { values: [7], middle: 7 },
    { values: [3, 1, 2], middle: 2 },
    { values: [4, 1, 10, 2], middle: 3 },
  ])('of $values is $middle', ({ values, middle }) => {
    expect(median(values)).toBe(middle)
  })

  it('of no values is refused, not NaN', () => {
    expect(() => median([])).toThrow(RangeError)
    expect(() => spread([])).toThrow(RangeError)
  })

  it('the median lies in the spread, in whatever order the values come', () => {
    const values = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(values, numbers => {
        const { min, max } = spread(numbers)
        expect(median(numbers)).toBeGreaterThanOrEqual(min)
        expect(median(numbers)).toBeLessThanOrEqual(max)
        expect(median([...numbers].reverse())).toBe(median(numbers))
      }),
    )
  })
})

describe('summarize', () => {
  it('takes each figure by itself, also one that a sample lacks', () => {
    expect(summarize([{ a: 1, b: 5 }, { a: 3 }, { a: 2 }])).toEqual({
      medians: { a: 2, b: 5 },
      spread: { a: { min: 1, max: 3 }, b: { min: 5, max: 5 } },
    })
  })

  it('keeps a thousandth', () => {
    expect(rounded(1.23456)).toBe(1.235)
  })
})
