import { describe, expect, it } from 'vitest'
import { type JobOutcome, turnFigures } from './figures.ts'

const job = (askedS: number, endS: number, rest: Partial<JobOutcome> = {}): JobOutcome => ({
  ...{ id: 1, askedS, endS, aloneS: 5, isDone: true, oomKills: 0 },
  ...rest,
})

describe('turnFigures', () => {
  it('are those of the jobs against what each takes alone', () => {
    expect(turnFigures([job(1, 6), job(2, 12), job(4, 19)])).toEqual({
      ...{ jobs: 3, makespanS: 18, meanSlowdown: 2, p50Slowdown: 2, p90Slowdown: 3 },
      ...{ meanSlowdownOfDone: 2, oomKills: 0, failed: 0 },
    })
  })

  it('count a job that failed as slow as one that was given up, however soon it failed', () => {
    const figures = turnFigures([job(0, 5), job(0, 1, { isDone: false, oomKills: 4 })])
    expect(figures).toMatchObject({ meanSlowdown: 8, meanSlowdownOfDone: 1, failed: 1, oomKills: 4 })
  })

  it('hold one that took longer than that for no worse', () => {
    expect(turnFigures([job(0, 500)])).toMatchObject({ meanSlowdown: 15, failed: 0 })
  })

  it('are none for no jobs', () => {
    expect(() => turnFigures([])).toThrow(RangeError)
  })
})
