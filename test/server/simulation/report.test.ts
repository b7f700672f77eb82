import { describe, expect, it } from 'vitest'
import { reportOf } from '../../../server/simulation/report.ts'
import type { Figures } from '../../../server/simulation/statistics/figures.ts'
import { experimentOf, PAPER_SUITE, QUICK_SUITE, trialsOf } from '../../../server/simulation/suite.ts'

/** Figures of a simulation in which every job was `mean` times slower than alone. */
function figures(mean: number): Figures {
  return {
    mean,
    p99: 2 * mean,
    boundedMean: mean,
    boundedP99: 2 * mean,
    penalisedMean: mean,
    makespanS: 100,
    oomKills: 2,
    failed: 0,
    atHomeShare: 0,
    wastedCpuS: 0,
    longestQueue: 0,
    moves: 0,
    offeredLoad: 0.8,
  }
}

describe('the report', () => {
  const experiment = experimentOf({ workload: 'j1' })
  const trials = [1, 2].flatMap(seed =>
    (['godwit', 'free-migration'] as const).map(policy => ({ experiment, policy, seed })),
  )
  const report = reportOf(trials, [figures(1.2), figures(1), figures(1.4), figures(1.1)])

  it('gathers the seeds of each policy', () => {
    expect(report.results).toMatchObject([
      { policy: 'godwit', workload: 'j1', load: 0.8, reportAgeS: 1, nodes: 16, seeds: 2, oomKillsPer3000: 2 },
      { policy: 'free-migration', seeds: 2 },
    ])
    expect(report.results[0]?.mean).toBeCloseTo(1.3, 12)
    expect(report.results[0]?.meanCi[0]).toBeCloseTo(1.3 - 12.706 * 0.1, 2)
  })

  it('tells the price of placing once: ours over the same with free migration', () => {
    expect(report.priceOfMigrateOnce).toHaveLength(1)
    expect(report.priceOfMigrateOnce[0]?.mean).toBeCloseTo(1.3 / 1.05, 12)
  })

  it('judges the gates it has figures for, and no others', () => {
    const tenSeeds = Array.from({ length: 10 }, (_, seed) => ({
      experiment,
      policy: 'godwit' as const,
      seed,
    }))
    const judged = reportOf(
      tenSeeds,
      tenSeeds.map(() => figures(1.25)),
    )
    expect(judged.gates.map(({ name, holds }) => [name, holds])).toEqual([
      ['J1: mean slowdown', true],
      ['J1: p99 slowdown', true],
      ['J1: OOM kills per 3,000 jobs', false],
    ])
  })
})

it('judges nothing by fewer than ten seeds', () => {
  const experiment = experimentOf({ workload: 'j1' })
  expect(reportOf([{ experiment, policy: 'godwit', seed: 1 }], [figures(1)]).gates).toEqual([])
})

describe('the suites', () => {
  it('judge every gate with ten seeds at least', () => {
    for (const suite of [QUICK_SUITE, PAPER_SUITE]) {
      const trials = trialsOf(suite).filter(
        ({ experiment: { source } }) =>
          source.kind === 'workload' && source.workload.startsWith('j1') && source.nodes === 16,
      )
      const report = reportOf(
        trials,
        trials.map(() => figures(1)),
      )
      expect(report.gates.length).toBeGreaterThanOrEqual(7)
      for (const result of report.results) expect(result.seeds).toBeGreaterThanOrEqual(10)
    }
  })
})
