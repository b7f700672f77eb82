import { describe, expect, it } from 'vitest'
import { simulate } from '../../../server/simulation/engine.ts'
import type { Outcome } from '../../../server/simulation/outcome.ts'
import { NO_PLEDGE } from '../../../server/simulation/policies/books.ts'
import type { Policy } from '../../../server/simulation/policy.ts'
import type { Run } from '../../../server/simulation/run.ts'
import { fixed, IDEAL, job, machine } from './scene.ts'

/** Ends by job id, to the microsecond. */
function ends(outcome: Outcome): Record<number, number> {
  return Object.fromEntries(outcome.ends.map(({ job: { id }, endS }) => [id, Number(endS.toFixed(6))]))
}

describe('one host', () => {
  it('shares a core: two jobs of 1 s end together after 2 s', () => {
    const scenario = { machines: [machine()], jobs: [job(0), job(1)] }
    expect(ends(simulate(scenario, fixed([]), IDEAL))).toEqual({ 0: 2, 1: 2 })
  })

  it('lets the later one go on alone', () => {
    // Alone until 1, shared until the first has done its 2 (at 3), alone again for the 1 that is left.
    const scenario = {
      machines: [machine()],
      jobs: [job(0, { workS: 2 }), job(1, { arrivalS: 1, workS: 2 })],
    }
    expect(ends(simulate(scenario, fixed([]), IDEAL))).toEqual({ 0: 3, 1: 4 })
  })

  it('gives each thread its core while there are enough', () => {
    const jobs = [job(0, { threads: 2, workS: 4 }), job(1, { threads: 1, workS: 4 })]
    expect(ends(simulate({ machines: [machine({ cores: 4 })], jobs }, fixed([]), IDEAL))).toEqual({
      0: 2,
      1: 4,
    })
  })

  it('shrinks all by the same factor where there are not', () => {
    // 6 threads on 4 cores: both run at 2/3 until the wide one ends at 1.5; then 3 of 4 core seconds are left.
    const jobs = [job(0, { threads: 4, workS: 4 }), job(1, { threads: 2, workS: 5 })]
    expect(ends(simulate({ machines: [machine({ cores: 4 })], jobs }, fixed([]), IDEAL))).toEqual({
      0: 1.5,
      1: 3,
    })
  })

  it('is no wider than its cores and as fast as its speed', () => {
    const scenario = {
      machines: [machine({ cores: 2, speed: 0.5 })],
      jobs: [job(0, { threads: 8, workS: 3 })],
    }
    expect(ends(simulate(scenario, fixed([]), IDEAL))).toEqual({ 0: 3 })
  })
})

describe('memory', () => {
  const two = [machine({ memoryBytes: 10 }), machine({ memoryBytes: 20 })]

  it('kills the largest when it is exceeded, which starts anew where the policy says', () => {
    const policy: Policy = {
      choose: (_job, attempt) => ({ host: attempt - 1, pledge: NO_PLEDGE }),
    }
    const jobs = [job(0, { memoryBytes: 8, workS: 4 }), job(1, { arrivalS: 1, memoryBytes: 4, workS: 4 })]
    const outcome = simulate({ machines: two, jobs }, policy, IDEAL)
    expect(ends(outcome)).toEqual({ 0: 5, 1: 5 })
    expect(outcome).toMatchObject({ oomKills: 1, wastedCpuS: 1 })
  })

  it('fails a job that was killed four times', () => {
    const outcome = simulate({ machines: two, jobs: [job(0, { memoryBytes: 11 })] }, fixed([]), IDEAL)
    expect(outcome.oomKills).toBe(4)
    expect(outcome.ends.map(({ isDone }) => isDone)).toEqual([false])
  })
})

describe('reports', () => {
  /** What a job that comes at `askedS` is told of the busy threads of a host of two jobs, from 0 and 1.5 to 4. */
  function told(askedS: number, reportEveryS: number): number | undefined {
    let busy: number | undefined
    const policy: Policy = {
      choose: ({ id }, _attempt, { hosts, nowS }) => {
        if (id === 2) busy = hosts[0]?.report(nowS).busyThreads
        return { host: id === 2 ? 1 : 0, pledge: NO_PLEDGE }
      },
    }
    const jobs = [job(0, { workS: 4 }), job(1, { arrivalS: 1.5, workS: 2.5 }), job(2, { arrivalS: askedS })]
    const machines = [machine({ cores: 2 }), machine()]
    const inOrder = jobs.toSorted((a, b) => a.arrivalS - b.arrivalS)
    simulate({ machines, jobs: inOrder }, policy, { reportEveryS, remoteStartS: 0 })
    return busy
  }

  it('tell the present when they are always fresh', () => {
    expect([told(1, 0), told(2, 0), told(5, 0)]).toEqual([1, 2, 0])
  })

  it('tell what was at the last multiple of their interval', () => {
    expect([told(1.9, 1), told(2.1, 1), told(4.5, 3), told(6.5, 3)]).toEqual([1, 2, 2, 0])
  })

  it('know nothing before the first', () => {
    expect(told(2, 60)).toBe(0)
  })
})

describe('order', () => {
  it('lets a job wait, and a smaller one pass', () => {
    const policy: Policy = {
      choose: (one, _attempt, { hosts }) => {
        const used = hosts[0]?.runs.reduce((sum, run: Run) => sum + run.job.memoryBytes, 0) ?? 0
        return used + one.memoryBytes > 10 ? null : { host: 0, pledge: NO_PLEDGE }
      },
    }
    const jobs = [8, 9, 2].map((memoryBytes, id) => job(id, { memoryBytes }))
    const outcome = simulate({ machines: [machine({ cores: 4 })], jobs }, policy, IDEAL)
    expect(ends(outcome)).toEqual({ 0: 1, 1: 2, 2: 1 })
    expect(outcome.longestQueue).toBe(1)
  })

  it('fails what waits when nothing runs any more', () => {
    const outcome = simulate({ machines: [machine()], jobs: [job(0)] }, { choose: () => null }, IDEAL)
    expect(outcome.ends).toMatchObject([{ isDone: false }])
  })

  it('holds a build to its jobs at a time, and counts from when each is asked for', () => {
    const scenario = { machines: [machine({ cores: 4 })], jobs: [job(0), job(1), job(2)], concurrency: 2 }
    const outcome = simulate(scenario, fixed([]), IDEAL)
    expect(outcome.ends.map(({ job: { id }, askedS, endS }) => [id, askedS, endS])).toEqual([
      [0, 0, 1],
      [1, 0, 1],
      [2, 1, 2],
    ])
  })
})

describe('moving', () => {
  it('takes a process along with what it has done, at once where moves are free', () => {
    const policy: Policy = {
      ...fixed([0, 0]),
      relocate: ({ hosts }, changed) => {
        const run = changed === 0 && hosts[1]?.runs.length === 0 ? hosts[0]?.runs[1] : undefined
        return run && { run, to: 1 }
      },
    }
    const jobs = [job(0, { workS: 2 }), job(1, { arrivalS: 1, workS: 2 })]
    const outcome = simulate({ machines: [machine(), machine()], jobs }, policy, IDEAL)
    expect(ends(outcome)).toEqual({ 0: 2, 1: 3 })
    expect(outcome.moves).toBe(1)
  })

  it('stops it for as long as its memory takes over the wire where they are not', () => {
    const policy: Policy = {
      ...fixed([0, 0]),
      migration: {
        everyS: 1,
        bytesPerS: 10,
        plan: ({ hosts, nowS }) => {
          const run = nowS === 1 ? hosts[0]?.runs.find(({ job: { id } }) => id === 1) : undefined
          return run === undefined ? [] : [{ run, to: 1 }]
        },
      },
    }
    const jobs = [job(0, { workS: 2 }), job(1, { workS: 2, memoryBytes: 5 })]
    // Both did 0.5 by then; the mover is under way until 1.5.
    const outcome = simulate({ machines: [machine(), machine()], jobs }, policy, IDEAL)
    expect(ends(outcome)).toEqual({ 0: 2.5, 1: 3 })
  })
})
