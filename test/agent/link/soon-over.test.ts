import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { tellSoonOver } from '../../../agent/link/io/soon-over.ts'
import type { Fact } from '../../../agent/link/outbox.ts'
import { ProcessId } from '../../../config/values/node-id.ts'

const id = ProcessId.parse('p-0000000001')
const started: Fact = { type: 'process-started', id, pid: 7, startedAtMs: 1 }
const ended: Fact = {
  type: 'process-ended',
  ...{ id, startedAtMs: 1, endedAtMs: 2 },
  ending: { exitStatus: 0, signal: null, oomKilled: false },
  usage: { cpuSeconds: 0, memoryBytes: null, peakMemoryBytes: null, threads: 0, peakThreads: 1 },
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

test('a process that is over at once is told of once', () => {
  const told: string[] = []
  const facts = tellSoonOver(fact => told.push(fact.type))
  facts.tell(started)
  vi.advanceTimersByTime(20)
  facts.tell(ended)
  vi.advanceTimersByTime(1000)
  expect(told).toEqual(['process-ended'])
})

test('one that goes on is told of a moment later, and again at its end', () => {
  const told: string[] = []
  const facts = tellSoonOver(fact => told.push(fact.type))
  facts.tell(started)
  expect(told).toEqual([])
  vi.advanceTimersByTime(60)
  facts.tell(ended)
  expect(told).toEqual(['process-started', 'process-ended'])
})

test('nothing is told after the end', () => {
  const told: string[] = []
  const facts = tellSoonOver(fact => told.push(fact.type))
  facts.tell(started)
  facts.stop()
  vi.advanceTimersByTime(1000)
  expect(told).toEqual([])
})
