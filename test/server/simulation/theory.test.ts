import { describe, expect, it } from 'vitest'
import { simulate } from '../../../server/simulation/engine.ts'
import { random } from '../../../server/simulation/policies/blind.ts'
import type { CreatePolicy } from '../../../server/simulation/policy.ts'
import { createRandom, exponential } from '../../../server/simulation/random.ts'
import type { Job, Machine } from '../../../server/simulation/scenario.ts'
import { figuresOf } from '../../../server/simulation/statistics/figures.ts'
import { IDEAL, job, machine, toTheFirst } from './scene.ts'

/** Two or more kinds of life with the same mean of 1 s: processor sharing must not care which. */
const LIVES = {
  constant: () => 1,
  exponential: (draw: () => number) => exponential(draw, 1),
  'two kinds': (draw: () => number) => (draw() < 0.9 ? 0.5 : 5.5),
}

function poissonJobs(count: number, gapS: number, life: (draw: () => number) => number): readonly Job[] {
  const draw = createRandom(7)
  let nowS = 0
  return Array.from({ length: count }, (_, id) => {
    nowS += exponential(draw, gapS)
    return job(id, { arrivalS: nowS, workS: life(draw) })
  })
}

function meanSlowdown(machines: readonly Machine[], jobs: readonly Job[], policy: CreatePolicy): number {
  const scenario = { machines, jobs }
  return figuresOf(scenario, simulate(scenario, policy(scenario, 3), IDEAL)).mean
}

/** Each simulation of so many jobs is within this of theory, relative; the spread of the mean is below a third of it. */
const JOBS = 60_000
const TOLERANCE = 0.06

describe('the engine against the theory of M/G/1 processor sharing: a mean slowdown of 1 / (1 - load)', () => {
  for (const [name, life] of Object.entries(LIVES))
    for (const load of [0.3, 0.5, 0.7])
      it(`on one host at load ${load} with lives that are ${name}`, () => {
        const found = meanSlowdown([machine()], poissonJobs(JOBS, 1 / load, life), toTheFirst)
        expect(found * (1 - load)).toBeGreaterThan(1 - TOLERANCE)
        expect(found * (1 - load)).toBeLessThan(1 + TOLERANCE)
      })

  it('on six hosts at load 0.5 with random placement: about 2.0, as on each alone', () => {
    const machines = Array.from({ length: 6 }, () => machine())
    const found = meanSlowdown(machines, poissonJobs(JOBS, 1 / 3, LIVES.exponential), random)
    expect(found).toBeGreaterThan(1.88)
    expect(found).toBeLessThan(2.12)
  })

  it('on a host twice as fast: half the time, whatever the load', () => {
    const jobs = poissonJobs(JOBS, 1, LIVES.exponential)
    const fast = meanSlowdown([machine({ speed: 2 })], jobs, toTheFirst)
    expect(fast / 2).toBeGreaterThan(1 - TOLERANCE)
    expect(fast / 2).toBeLessThan(1 + TOLERANCE)
  })
})
