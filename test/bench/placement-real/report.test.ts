import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { aloneS } from './alone.ts'
import { MACHINES } from './machines.ts'
import { POLICIES, type Policy } from './policies.ts'
import { type Progress, readProgress, writeProgress } from './progress.ts'
import { comparisonOf } from './report.ts'
import { comparisonTable } from './table.ts'
import { jobsOf, PROGRAMS } from './workload.ts'

const MIB = 2 ** 20
const plan = { jobs: 64, seed: 3, gapS: 5.5 }
const footprints = PROGRAMS.map(({ program, touchMiB }) => ({
  ...{ program, overheadS: 4 },
  peakMemoryBytes: (touchMiB + 50) * MIB,
}))
const machines = MACHINES.map(({ name, cpus, memoryMiB }) => ({
  ...{ name, cpus, memoryBytes: (memoryMiB - 400) * MIB, speed: 0.05 },
}))

/** A turn in which every job took so many times what it takes alone. */
const turn = (policy: Policy, slowdown: number): Progress['turns'][number] => ({
  ...{ policy, ownCores: 2, otherCores: 0, machines },
  jobs: jobsOf(plan).map(job => {
    const alone = aloneS(job, footprints)
    const endS = job.arrivalS + slowdown * alone
    const rest = { isDone: true, oomKills: 0, nodes: ['small'], cpuSeconds: 9, why: null, command: 'tick 3' }
    return { id: job.id, askedS: job.arrivalS, endS, aloneS: alone, ...rest }
  }),
})
const progress = (...turns: Progress['turns']): Progress => ({
  ...{ plan, startedAt: '2026-11-26T00:00:00.000Z', imageDigest: 'abc', footprints, turns },
})

describe('comparisonOf', () => {
  it('has the simulator play the same arrivals: it ranks godwit first, and loses no job', () => {
    const { results, ranking } = comparisonOf(progress(...POLICIES.map(policy => turn(policy, 2))))
    expect(ranking.simulated[0]).toBe('godwit')
    for (const { simulated, measured } of results) {
      expect(simulated.jobs).toBe(plan.jobs)
      expect(measured.meanSlowdown).toBeCloseTo(2, 2)
      expect(simulated.meanSlowdown).toBeGreaterThanOrEqual(1)
    }
    expect(results[0]?.simulated).toMatchObject({ oomKills: 0, failed: 0 })
  })

  it('says whether both rank them the same way', () => {
    const { simulated } = comparisonOf(progress(...POLICIES.map(policy => turn(policy, 2)))).ranking
    const inOrder = simulated.map((policy, at) => turn(policy, at + 1))
    expect(comparisonOf(progress(...inOrder)).ranking.isSame).toBe(true)
    const backwards = simulated.map((policy, at) => turn(policy, 3 - at))
    const { ranking, results, ratios, arrivals } = comparisonOf(progress(...backwards))
    expect(ranking.isSame).toBe(false)
    expect(comparisonTable({ ranking, results, ratios, arrivals })).toContain('; the simulator: godwit')
  })

  it('names our figure by theirs', () => {
    const { ratios } = comparisonOf(progress(turn('godwit', 2), turn('random', 4)))
    expect(ratios).toMatchObject({ godwitToRandomSlowdown: 0.5 })
    expect(ratios['godwitToRoundRobinSlowdown']).toBeUndefined()
  })

  it('is none of a run that has measured nothing', () => {
    expect(() => comparisonOf(progress())).toThrow(RangeError)
  })
})

describe('progress', () => {
  let folder = ''
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('comes back for the same plan and image only', async () => {
    folder = await mkdtemp(join(tmpdir(), 'godwit-progress-'))
    const path = join(folder, 'deep', 'progress.json')
    const written = progress(turn('random', 3))
    await writeProgress(path, written)
    expect(await readProgress(path, plan, 'abc')).toEqual(written)
    expect(await readProgress(path, plan, 'abd')).toBeUndefined()
    expect(await readProgress(path, { ...plan, seed: 4 }, 'abc')).toBeUndefined()
  })

  it('is nothing where there is none, or no whole one', async () => {
    folder = await mkdtemp(join(tmpdir(), 'godwit-progress-'))
    expect(await readProgress(join(folder, 'none'), plan, 'abc')).toBeUndefined()
    await writeFile(join(folder, 'cut'), '{"plan": {')
    expect(await readProgress(join(folder, 'cut'), plan, 'abc')).toBeUndefined()
  })
})
