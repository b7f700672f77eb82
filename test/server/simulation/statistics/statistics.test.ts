import { describe, expect, it } from 'vitest'
import {
  boundedSlowdown,
  FAILED_SLOWDOWN,
  figuresOf,
} from '../../../../server/simulation/statistics/figures.ts'
import { intervalOf, pairedRatio } from '../../../../server/simulation/statistics/interval.ts'
import { quantile } from '../../../../server/simulation/statistics/quantile.ts'
import { job, machine } from '../scene.ts'

describe('statistics', () => {
  it('takes quantiles by the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => at + 1)
    expect([quantile(hundred, 0.99), quantile(hundred, 1), quantile([7], 0.99), quantile([], 0.5)]).toEqual([
      99,
      100,
      7,
      Number.NaN,
    ])
  })

  it("gives Student's interval: 1, 2, 3 are 2 within 2.48", () => {
    const { mean, halfWidth } = intervalOf([1, 2, 3])
    expect(mean).toBe(2)
    expect(halfWidth).toBeCloseTo(4.303 / Math.sqrt(3), 3)
    expect(intervalOf([5]).halfWidth).toBe(0)
  })

  it('pairs ratios, so that what a seed does to both cancels out', () => {
    expect(pairedRatio([2, 20, 200], [1, 10, 100])).toEqual({ mean: 2, halfWidth: 0 })
  })

  it('bounds the slowdown of the very short', () => {
    expect([boundedSlowdown(0.5, 0.01), boundedSlowdown(3, 0.01), boundedSlowdown(6, 2)]).toEqual([1, 3, 3])
  })

  it('keeps a failed job out of the mean and counts it beside', () => {
    const scenario = { machines: [machine({ cores: 2 }), machine({ speed: 2 })], jobs: [job(0), job(1)] }
    const ends = [
      { job: job(0, { workS: 4 }), askedS: 1, endS: 5, isDone: true },
      { job: job(1), askedS: 0, endS: 9, isDone: false },
    ]
    const outcome = { ends, oomKills: 4, wastedCpuS: 0, longestQueue: 0, atHome: 1, moves: 0 }
    expect(figuresOf(scenario, outcome)).toMatchObject({
      mean: 2,
      p99: 2,
      failed: 1,
      penalisedMean: (2 + FAILED_SLOWDOWN) / 2,
      makespanS: 9,
      atHomeShare: 0.5,
    })
  })
})
