import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Sample } from '../../../server/learning/sample.ts'

function sampleOf(values: readonly number[], weightOf: (index: number) => number = () => 1): Sample {
  const sample = new Sample()
  for (const [index, value] of values.entries()) sample.add(value, weightOf(index))
  return sample
}
const times = (count: number, value: number) => Array.from({ length: count }, () => value)

describe('a quantile of a sample', () => {
  it.each([
    [[1, 2, 3, 4], 0.45, 2],
    [[4, 1, 3, 2], 0.75, 3],
    [[1, 2, 3], 0.9, 3],
    [[5], 0.1, 5],
    [[2, 1], 0, 1],
    [[2, 1], 1, 2],
  ])('%j at %d is %d', (values, share, expected) => {
    expect(sampleOf(values).quantile(share)).toBe(expected)
  })

  it('of nothing is nothing', () => {
    expect(new Sample().quantile(0.5)).toBeUndefined()
    expect(new Sample().size).toBe(0)
  })

  it('follows what came last', () => {
    expect(sampleOf([...times(8, 100), ...times(4, 1)]).quantile(0.75)).toBe(100)
    expect(sampleOf([...times(8, 100), ...times(24, 1)]).quantile(0.75)).toBe(1)
  })

  it('heeds the weights it is given', () => {
    const values = [9, ...times(20, 1)]
    expect(sampleOf(values).quantile(0.9)).toBe(1)
    expect(sampleOf(values, index => (index === 0 ? 9 : 1)).quantile(0.9)).toBe(9)
  })

  it('is always one of the values, and grows with the share', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const values = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(values, share, share, (all, a, b) => {
        const sample = sampleOf(all)
        expect(sample.size).toBe(all.length)
        const low = sample.quantile(Math.min(a, b))
        const high = sample.quantile(Math.max(a, b))
        expect(all.map(value => value + 0)).toContain(Number(low) + 0)
        expect(Number(low)).toBeLessThanOrEqual(Number(high))
      }),
    )
  })
})
