import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HistoryExperience } from '../../../server/learning/experience.ts'
import { History, learn, oomRaise, WINDOW_RUNS } from '../../../server/learning/history.ts'
import type { Observation } from '../../../server/learning/observation.ts'
import { runOf } from '../../../server/learning/run.ts'
import { GIB, MIB } from '../placement/fixtures.ts'
import { anyRun, observation } from './fixtures.ts'

const KEY = 'sort @0'
const DAY_MS = 86_400_000

function historyOf(runs: readonly Partial<Observation>[], stepMs = 1000): History {
  let history: History | undefined
  for (const [index, run] of runs.entries())
    history = learn(
      history,
      KEY,
      runOf(observation(run), history && experienceOf(history, 0)),
      null,
      index * stepMs,
    )
  if (history === undefined) throw new Error('no runs')
  return history
}
const experienceOf = (history: History, nowMs: number) => new HistoryExperience(history, nowMs)
const repeat = (count: number, run: Partial<Observation>) => Array.from({ length: count }, () => run)

describe('a history', () => {
  it('fits its schema, forgets the oldest runs and counts all', () => {
    const history = historyOf(repeat(100, {}))
    expect(History.parse(history)).toEqual(history)
    expect(history).toMatchObject({ runs: 100, ooms: 0, lastSeenMs: 99_000 })
    expect(history.window).toHaveLength(WINDOW_RUNS)
  })

  it('tells the threads, memory and life of its runs', () => {
    const history = historyOf([1, 2, 3, 4].map(n => ({ threads: n, peakBytes: n * MIB, lifeMs: n * 1000 })))
    const experience = experienceOf(history, 0)
    expect(experience.threads(null)).toMatchObject({ runs: 4, high: 4 })
    expect(experience.memory(null)).toMatchObject({ runs: 4, high: 4 * MIB })
    expect(experience.lifeMs()).toBe(3000)
  })

  it('follows a program that has changed', () => {
    const history = historyOf([...repeat(32, { peakBytes: GIB }), ...repeat(32, { peakBytes: MIB })])
    expect(experienceOf(history, 0).memory(null)?.high).toBe(MIB)
  })

  it('scales runs that announced a figure to what is announced now, and keeps the others apart', () => {
    const history = historyOf([
      { announcedBytes: GIB, peakBytes: GIB / 4, announcedThreads: 8, threads: 4 },
      { peakBytes: 16 * GIB, threads: 1 },
    ])
    const experience = experienceOf(history, 0)
    expect(experience.memory(8 * GIB)).toEqual({ runs: 1, median: 2 * GIB, high: 2 * GIB })
    expect(experience.memory(null)).toEqual({ runs: 1, median: 16 * GIB, high: 16 * GIB })
    expect(experience.threads(16)?.high).toBe(8)
    expect(experienceOf(historyOf([{}]), 0).memory(GIB)).toBeUndefined()
  })

  it('does not take a process that filled a narrow node for a narrow process', () => {
    const wide = historyOf([
      ...repeat(5, { threads: 12, capacity: 16 }),
      ...repeat(20, { threads: 4, capacity: 4 }),
    ])
    expect(experienceOf(wide, 0).threads(null)?.high).toBe(12)
    const narrow = historyOf([
      ...repeat(5, { threads: 12, capacity: 16 }),
      ...repeat(20, { threads: 4, capacity: 16 }),
    ])
    expect(experienceOf(narrow, 0).threads(null)?.high).toBe(4)
  })

  it('stays within what was seen, whatever the runs', () => {
    fc.assert(
      fc.property(fc.array(anyRun, { minLength: 1, maxLength: 50 }), runs => {
        const experience = experienceOf(historyOf(runs), 0)
        const seen = runs.flatMap(({ peakBytes }) => peakBytes ?? []).slice(-WINDOW_RUNS)
        const memory = experience.memory(null)
        expect(memory === undefined).toBe(runs.slice(-WINDOW_RUNS).every(run => run.peakBytes === null))
        if (memory === undefined) return
        expect(memory.median).toBeGreaterThanOrEqual(Math.min(...seen))
        expect(memory.high).toBeGreaterThanOrEqual(memory.median)
        expect(memory.high).toBeLessThanOrEqual(Math.max(...seen))
        const threads = runs.flatMap(run => run.threads ?? [])
        expect(experience.threads(null)?.high ?? 0).toBeLessThanOrEqual(Math.max(0, ...threads))
      }),
    )
  })
})

describe('after a run killed for memory', () => {
  const killed = { oomKilled: true, lifeMs: null, cpuSeconds: null }

  it('memory is raised by half, and again after each', () => {
    expect(oomRaise(historyOf([killed]), 0)).toBe(1.5)
    expect(oomRaise(historyOf([killed, killed], 0), 0)).toBe(2.25)
  })

  it('the raise has a bound', () => {
    expect(oomRaise(historyOf(repeat(50, killed), 0), 0)).toBeCloseTo(1.5 ** 4)
  })

  it('the raise goes with runs that end well, and with time', () => {
    const history = historyOf([killed, ...repeat(5, {})])
    expect(oomRaise(history, 5000)).toBeLessThan(1.2)
    expect(oomRaise(historyOf([killed, ...repeat(20, {})]), 20_000)).toBe(1)
    const once = historyOf([killed])
    expect(oomRaise(once, 7 * DAY_MS)).toBeCloseTo(1.25)
    expect(oomRaise(once, 365 * DAY_MS)).toBeCloseTo(1)
  })
})

it('learns nothing into what it was given', () => {
  const before = Object.freeze(historyOf([{}]))
  Object.freeze(before.window)
  expect(learn(before, KEY, runOf(observation(), undefined), 1, 5).runs).toBe(2)
})
