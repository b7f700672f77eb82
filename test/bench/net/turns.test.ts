import { describe, expect, it } from 'vitest'
import { ratioOf, resultDocuments, resultsOf, type Sample, turns } from './turns.ts'

const sample = (run: number, subject: string, rate: number): Sample => ({
  ...{ run, subject, case: 'closed8' },
  figures: { rate },
})

describe('turns', () => {
  it('lets subjects take turns, every other run backwards', () => {
    const order = turns(['a', 'b'], 3).map(({ run, subject }) => `${run}${subject}`)
    expect(order).toEqual(['1a', '1b', '2b', '2a', '3a', '3b'])
  })

  it('gives the median and the spread of each case and subject', () => {
    const results = resultsOf([sample(1, 'a', 3), sample(1, 'b', 10), sample(2, 'a', 1), sample(3, 'a', 2)])
    expect(resultDocuments(results)).toEqual([
      { subject: 'a', case: 'closed8', runs: 3, rate: 2, spread: { rate: { min: 1, max: 3 } } },
      { subject: 'b', case: 'closed8', runs: 1, rate: 10, spread: { rate: { min: 10, max: 10 } } },
    ])
  })

  it('divides ours by theirs, and not by nothing', () => {
    const results = resultsOf([sample(1, 'a', 3), sample(1, 'b', 4), sample(1, 'c', 0)])
    expect(ratioOf(results, 'closed8', 'rate', ['a', 'b'])).toBe(0.75)
    expect(ratioOf(results, 'closed8', 'rate', ['a', 'c'])).toBeUndefined()
    expect(ratioOf(results, 'closed9', 'rate', ['a', 'b'])).toBeUndefined()
  })
})
