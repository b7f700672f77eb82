import { describe, expect, it } from 'vitest'
import { batchesOf, LARGEST, MACHINES, unequalSpeeds } from './machines.ts'
import { jobsOf, PROGRAMS } from './workload.ts'

describe('jobsOf', () => {
  const plan = { jobs: 400, seed: 3, gapS: 5 }
  const jobs = jobsOf(plan)

  it('gives the same jobs for the same plan, and others for another seed', () => {
    expect(jobsOf(plan)).toEqual(jobs)
    expect(jobsOf({ ...plan, seed: 4 })).not.toEqual(jobs)
  })

  it('lets the first come at once and the others in order, by the mean gap', () => {
    const times = jobs.map(({ arrivalS }) => arrivalS)
    expect(times[0]).toBe(0)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect((times.at(-1) ?? 0) / 399).toBeCloseTo(5, 0)
  })

  it('has every program in it, long and short runs of each', () => {
    for (const { program, seconds } of PROGRAMS) {
      const lengths = jobs.filter(({ size }) => size.program === program).map(({ size }) => size.seconds)
      expect(Math.min(...lengths)).toBeLessThan(seconds)
      expect(Math.max(...lengths)).toBeGreaterThan(seconds)
      expect(Math.max(...lengths)).toBeLessThanOrEqual(30)
    }
  })

  it('begins with the same jobs when fewer are asked for', () => {
    expect(jobsOf({ ...plan, jobs: 12 })).toEqual(jobs.slice(0, 12))
  })
})

describe('the programs', () => {
  it('fit the largest machine and keep no more threads than it has processors', () => {
    for (const { heapMiB, touchMiB, threads } of PROGRAMS) {
      expect(touchMiB).toBeLessThan(heapMiB)
      expect(heapMiB).toBeLessThan(LARGEST.memoryMiB / 2)
      expect(threads).toBeLessThanOrEqual(LARGEST.cpus)
    }
  })
})

describe('the machines', () => {
  const names = (cpus: number) => batchesOf(MACHINES, cpus).map(batch => batch.map(({ name }) => name))

  it('boot together as far as the host has processors for them, in order, each once', () => {
    expect(names(1)).toEqual([['small'], ['medium'], ['large']])
    expect(names(2)).toEqual([['small', 'medium'], ['large']])
    expect(names(3)).toEqual([['small', 'medium'], ['large']])
    expect(names(8)).toEqual([['small', 'medium', 'large']])
  })

  it('are not compared where the host was too busy for equal processors to look equal', () => {
    const found = (...speeds: number[]) =>
      speeds.map((speed, at) => ({ name: `machine${at}`, cpus: 1, memoryBytes: 2 ** 30, speed }))
    expect(unequalSpeeds(found(0.052, 0.053, 0.049))).toBeUndefined()
    expect(unequalSpeeds(found(0.05, 0.6, 0.01))).toContain('machine0 0.05, machine1 0.6, machine2 0.01')
    expect(unequalSpeeds(found(0))).toBeUndefined()
  })
})
