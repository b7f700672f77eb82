import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writePlots } from '../../../../server/simulation/io/plot-files.ts'
import { chartsOf } from '../../../../server/simulation/plots/charts.ts'
import { reportOf } from '../../../../server/simulation/report.ts'
import { experimentOf } from '../../../../server/simulation/suite.ts'
import { runTrial } from '../../../../server/simulation/trial.ts'

const trials = [0.3, 0.6].flatMap(load => {
  const experiment = experimentOf({ workload: 'j1', load, jobs: 50 })
  return (['godwit', 'free-migration'] as const).map(policy => ({ experiment, policy, seed: 1 }))
})
const report = reportOf(trials, trials.map(runTrial))

it('draws what there are two points of at least', () => {
  expect(chartsOf(report).map(({ name }) => name)).toEqual(['simulate-load', 'simulate-price'])
  expect(chartsOf({ results: [], priceOfMigrateOnce: [], gates: [] })).toEqual([])
})

it('writes each picture as SVG and PNG', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'godwit-plots-'))
  try {
    const paths = await writePlots(report, folder)
    expect(paths).toHaveLength(4)
    const svg = await readFile(join(folder, 'simulate-load.svg'), 'utf8')
    expect(svg).toContain('free-migration')
    const png = await readFile(join(folder, 'simulate-load.png'))
    expect(png.subarray(1, 4).toString()).toBe('PNG')
  } finally {
    await rm(folder, { recursive: true })
  }
})
