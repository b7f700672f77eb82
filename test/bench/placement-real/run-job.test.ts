import { describe, expect, it } from 'vitest'
import { attemptOf } from './run-job.ts'

const line = (event: unknown) => `${JSON.stringify(event)}\n`
const placed = line({ event: 'placed', node: 'node-1', process: 'p-1', atMs: 1, reason: '' })
const ended = (exitStatus: number | null, oomKilled: boolean) =>
  line({
    ...{ event: 'ended', node: 'node-1', process: 'p-1', atMs: 2, endedAtMs: 2 },
    ending: { exitStatus, signal: exitStatus === null ? 'SIGKILL' : null, oomKilled },
    usage: { cpuSeconds: 1, peakMemoryBytes: 9, peakThreads: 20 },
  })

describe('attemptOf', () => {
  it('is done by a status of 0 and the last word of the program', () => {
    const end = { status: 0, isGivenUp: false }
    const attempt = attemptOf(placed + ended(0, false), end, 'held=32\ndone\n', '')
    expect(attempt).toEqual({
      ...{ node: 'node-1', isDone: true, oomKilled: false, cpuSeconds: 1, peakMemoryBytes: 9, why: null },
    })
    expect(attemptOf(placed, end, 'held=32\n', '')).toMatchObject({ isDone: false })
  })

  it('tells one that was killed for want of memory', () => {
    const end = { status: null, isGivenUp: false }
    expect(attemptOf(placed + ended(null, true), end, '', 'godwit: killed\n')).toMatchObject({
      ...{ isDone: false, oomKilled: true, why: 'killed' },
    })
  })

  it('tells one that found no node, and one whose node was lost', () => {
    const end = { status: 125, isGivenUp: false }
    expect(attemptOf('', end, '', 'godwit: no place\n  next: wait\n')).toMatchObject({
      node: null,
      why: 'no place',
    })
    expect(attemptOf(placed, { status: 255, isGivenUp: false }, '', '')).toMatchObject({
      ...{ node: 'node-1', oomKilled: false, why: 'status 255' },
    })
  })

  it('does not count one that was given up as done, even if it ended well just then', () => {
    const end = { status: 0, isGivenUp: true }
    expect(attemptOf(placed + ended(0, false), end, 'done\n', '')).toMatchObject({
      ...{ isDone: false, why: 'its time was over' },
    })
  })
})
