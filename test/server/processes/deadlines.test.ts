import { describe, expect, it } from 'vitest'
import { GRACE_MS, overdue, type Sent } from '../../../server/processes/deadlines.ts'
import { endedRecord } from '../../cli/process/record.ts'

const running = (timeoutMs?: number) =>
  endedRecord({
    state: 'running',
    ending: null,
    endedAtMs: null,
    placedAtMs: 1000,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
const reason = 'its --timeout of 5 s was over'
const NOBODY: Sent = new Map()

describe('overdue', () => {
  it('ends nobody before the time, and nobody without one', () => {
    expect(overdue([running(5000)], NOBODY, 5999).orders).toEqual([])
    expect(overdue([running()], NOBODY, 1e12).orders).toEqual([])
  })

  it('asks once, and forces once after the grace', () => {
    const process = running(5000)
    const { id, node } = process
    const first = overdue([process], NOBODY, 6000)
    expect(first.orders).toEqual([{ id, node, signal: 'SIGTERM', reason }])
    const again = overdue([process], first.sent, 7000)
    expect(again.orders).toEqual([])
    const last = overdue([process], again.sent, 6000 + GRACE_MS)
    expect(last.orders).toEqual([{ id, node, signal: 'SIGKILL', reason }])
    expect(overdue([process], last.sent, 9e9).orders).toEqual([])
  })

  it('forgets those that have ended', () => {
    const { sent } = overdue([running(5000)], NOBODY, 6000)
    expect(overdue([], sent, 6001).sent.size).toBe(0)
  })

  it('waits for the node to tell that it runs: a signal before that would be lost', () => {
    expect(overdue([{ ...running(1), state: 'placed' }], NOBODY, 1e6).orders).toEqual([])
  })
})
