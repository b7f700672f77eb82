import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../server/simulation/engine.ts'
import { Host } from '../../../../server/simulation/host.ts'
import { binPack } from '../../../../server/simulation/policies/bin-pack.ts'
import { opportunityCost, raisedLimit } from '../../../../server/simulation/policies/e-pvm.ts'
import { icecream } from '../../../../server/simulation/policies/icecream.ts'
import { leastLoaded, powerOfFourMemory, powerOfTwo } from '../../../../server/simulation/policies/load.ts'
import { createPolicy, POLICY_NAMES } from '../../../../server/simulation/policies/policies.ts'
import type { CreatePolicy } from '../../../../server/simulation/policy.ts'
import { GIB, type Job, type Machine } from '../../../../server/simulation/scenario.ts'
import { figuresOf } from '../../../../server/simulation/statistics/figures.ts'
import { WORKLOADS } from '../../../../server/simulation/workloads/workloads.ts'
import { IDEAL, job, machine } from '../scene.ts'

const BIG: Machine = machine({ cores: 8, memoryBytes: 8 * GIB })

/** Where jobs that come one after another, each before the last has ended, are placed; `null` for one that waits. */
function placed(create: CreatePolicy, machines: readonly Machine[], jobs: readonly Job[]): (number | null)[] {
  const policy = create({ machines, jobs }, 1)
  const places: (number | null)[] = []
  const watched = {
    choose: (...asked: Parameters<typeof policy.choose>) => {
      const choice = policy.choose(...asked)
      if (asked[0].id === places.length) places.push(choice?.host ?? null)
      return choice
    },
  }
  const inTurn = jobs.map((one, at) => ({ ...one, arrivalS: at / 1000, workS: 1000 }))
  simulate({ machines, jobs: inTurn }, watched, IDEAL)
  return places
}

const jobs = (count: number, change: Partial<Job> = {}): readonly Job[] =>
  Array.from({ length: count }, (_, id) => job(id, change))

describe('published policies', () => {
  it('least-loaded goes by load per core', () => {
    const machines = [machine({ cores: 1 }), machine({ cores: 3 })]
    expect(placed(leastLoaded, machines, jobs(4)).toSorted()).toEqual([0, 1, 1, 1])
  })

  it('power of two takes the better of two, power of four one with the memory', () => {
    expect(placed(powerOfTwo, [BIG, BIG], jobs(4)).toSorted()).toEqual([0, 0, 1, 1])
    const machines = [machine({ cores: 64 }), BIG, BIG, BIG]
    expect(placed(powerOfFourMemory, machines, jobs(8, { hintBytes: 2 * GIB }))).not.toContain(0)
  })

  it('E-PVM: with four machines, half the memory costs 4^0.5 - 1, the first job as much', () => {
    const burden = { memoryBefore: 0, memoryAfter: 0.5, loadBefore: 0, loadAfter: 1 }
    expect(opportunityCost(4, burden, 2)).toBeCloseTo(1 + 1, 12)
    expect(raisedLimit(2, [1, 5])).toBe(8)
  })

  it('bin packing fills one host before it opens the next, and then waits', () => {
    expect(placed(binPack, [BIG, BIG], jobs(5, { hintBytes: GIB }))).toEqual([0, 0, 1, 1, null])
  })

  it('icecream goes to the fastest with a free slot, then lets a few wait, then none', () => {
    const machines = [machine(), machine({ speed: 2 })]
    expect(placed(icecream, machines, jobs(5))).toEqual([1, 0, 0, 1, null])
  })
})

describe('every policy', () => {
  const j1 = WORKLOADS.find(({ name }) => name === 'j1')

  for (const name of POLICY_NAMES)
    it(`${name} ends all jobs, none faster than alone on the best machine`, () => {
      const scenario = j1?.create({ load: 0.7, nodes: 5, jobs: 200, seed: 6 }) ?? { machines: [], jobs: [] }
      const outcome = simulate(scenario, createPolicy(name, scenario, 6), {
        reportEveryS: 1,
        remoteStartS: 0,
      })
      expect(outcome.ends.map(({ job: { id } }) => id).toSorted((a, b) => a - b)).toEqual(
        scenario.jobs.map(({ id }) => id),
      )
      expect(figuresOf(scenario, outcome).mean).toBeGreaterThanOrEqual(1)
      for (const { job: one, askedS, endS, isDone } of outcome.ends)
        if (isDone) expect(endS - askedS).toBeGreaterThan((one.workS / (1.4 * one.threads)) * 0.999)
    })
})

it('a host tells policies nothing newer than its last report', () => {
  const host = new Host(BIG, 10, 0)
  expect(host.report(9)).toMatchObject({ atS: 0, jobs: 0 })
})
