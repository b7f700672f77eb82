import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NodeId, ProcessId } from '../../../config/values/node-id.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
import { judgeAbsence } from '../../../server/processes/absence.ts'
import { findProcess, newestFirst } from '../../../server/processes/find.ts'
import { PROCESS_ID_BYTES, processIdFrom } from '../../../server/processes/process-id.ts'
import { isFinal, type ProcessNews, stepProcess } from '../../../server/processes/record.ts'

const usage = { cpuSeconds: 1, memoryBytes: 1, peakMemoryBytes: 2, threads: 3, peakThreads: 4 }
const ending = { exitStatus: 7, signal: null, oomKilled: false }
const placed: ProcessRecord = {
  id: ProcessId.parse('p-0000000001'),
  command: ['java', '-jar', 'app.jar'],
  node: NodeId.parse('n-525400770001'),
  nodeName: 'node-770001',
  bootId: 'kernel-1',
  home: 'server',
  uid: 0,
  state: 'placed',
  placements: 1,
  reservedBytes: 1,
  reservedThreads: 1,
  placedAtMs: 1000,
  startedAtMs: null,
  endedAtMs: null,
  pid: null,
  ending: null,
  usage: null,
  reason: null,
  retryOf: null,
}
const started: ProcessNews = { kind: 'started', bootId: 'kernel-1', pid: 42, startedAtMs: 2000 }
const ended: ProcessNews = {
  kind: 'ended',
  bootId: 'kernel-1',
  startedAtMs: 2000,
  endedAtMs: 3000,
  ending,
  usage,
}
const refused: ProcessNews = { kind: 'refused', reason: 'no such program' }
const overdue: ProcessNews = { kind: 'overdue', reason: 'its time was over' }
const lost: ProcessNews = { kind: 'lost', reason: 'silent for 16 s', atMs: 2500 }

function play(...news: readonly ProcessNews[]): ProcessRecord {
  return news.reduce((record, item) => {
    const step = stepProcess(record, item)
    return step.kind === 'foreign' ? record : step.record
  }, placed)
}

describe('the life of a process', () => {
  test.each<[string, readonly ProcessNews[], Partial<ProcessRecord>]>([
    ['placed', [], { state: 'placed' }],
    ['runs', [started], { state: 'running', pid: 42, startedAtMs: 2000 }],
    ['ends', [started, ended], { state: 'ended', ending, usage, endedAtMs: 3000 }],
    ['has had its time', [started, overdue], { state: 'running', reason: 'its time was over' }],
    [
      'ends for that reason',
      [started, overdue, ended],
      { state: 'ended', reason: 'its time was over', ending },
    ],
    ['is lost for another', [started, overdue, lost], { state: 'lost', reason: 'silent for 16 s' }],
    ['comes back from there and ends by itself', [started, lost, ended], { state: 'ended', reason: null }],
    ['has no time before it runs', [overdue], { state: 'placed', reason: null }],
    ['ends before its start was told', [ended], { state: 'ended', startedAtMs: 2000 }],
    ['a late start changes no end', [ended, started], { state: 'ended' }],
    ['was refused', [refused], { state: 'refused', reason: 'no such program' }],
    ['a refusal cannot stop what runs', [started, refused], { state: 'running' }],
    ['the node knows better than the deputy', [refused, started], { state: 'running', reason: null }],
    ['was lost', [started, lost], { state: 'lost', reason: 'silent for 16 s' }],
    ['an ended one cannot be lost', [ended, lost], { state: 'ended', reason: null }],
    [
      'the same boot takes a loss back',
      [started, lost, started],
      { state: 'running', endedAtMs: null, reason: null },
    ],
    [
      'the same boot tells the end after all',
      [started, lost, ended],
      { state: 'ended', ending, reason: null },
    ],
  ])('%s', (_name, news, expected) => {
    expect(play(...news)).toMatchObject(expected)
  })

  test('another boot has nothing to say', () => {
    expect(stepProcess(placed, { ...started, bootId: 'kernel-2' }).kind).toBe('foreign')
    expect(stepProcess(play(started, lost), { ...ended, bootId: 'kernel-2' }).kind).toBe('foreign')
  })

  test('whatever comes, in whatever order: an end stays, and repeating news changes nothing', async () => {
    const news = fc.array(fc.constantFrom(started, ended, refused, lost), { maxLength: 12 })
    await fc.assert(
      fc.property(news, items => {
        const record = play(...items)
        if (items.includes(ended)) expect(record).toMatchObject({ state: 'ended', ending })
        expect(record.placements).toBe(1)
        const last = items.at(-1)
        if (last !== undefined) expect(stepProcess(record, last)).toEqual({ kind: 'same', record })
        expect(isFinal(record.state)).toBe(record.state !== 'placed' && record.state !== 'running')
      }),
    )
  })
})

describe('what a report leaves out', () => {
  const running: ProcessRecord = { ...placed, state: 'running' }
  const none = new Map<ProcessId, number>()
  const once = new Map([[placed.id, 1]])
  test.each<
    [string, ProcessRecord, readonly ProcessId[], ReadonlyMap<ProcessId, number>, number, number, number]
  >([
    ['present', running, [placed.id], once, 2000, 0, 0],
    ['missing once', running, [], none, 2000, 0, 0],
    ['missing twice', running, [], once, 2000, 1, 0],
    ['placed just now', placed, [], once, 2000, 0, 0],
    ['placed, the ticket is still good', placed, [], none, 61_000, 0, 0],
    ['placed, nobody used the ticket', placed, [], none, 91_001, 0, 1],
  ])('%s', (_name, record, reported, misses, nowMs, lostCount, unusedCount) => {
    const absence = judgeAbsence([record], new Set(reported), misses, nowMs)
    expect([absence.lost.length, absence.unused.length]).toEqual([lostCount, unusedCount])
  })
})

describe('finding a process by what a person types', () => {
  const other = { ...placed, id: ProcessId.parse('p-0000000abc'), placedAtMs: 2000 }
  const all = [placed, other]
  test.each([
    ['last', other.id],
    ['p-0000000a', other.id],
    ['0000000a', other.id],
    [placed.id, placed.id],
    ['p-0000000', undefined],
    ['', undefined],
    ['nothing', undefined],
  ])('%j', (wanted, expected) => {
    const found = findProcess(all, wanted)
    expect(found.kind === 'found' ? found.record.id : undefined).toBe(expected)
  })
  test('nothing is found among none', () => {
    expect(findProcess([], 'last').kind).toBe('unknown')
    expect(newestFirst(all).map(({ placedAtMs }) => placedAtMs)).toEqual([2000, 1000])
  })
})

test('any chance makes a valid process id', async () => {
  await fc.assert(
    fc.property(fc.uint8Array({ minLength: PROCESS_ID_BYTES, maxLength: PROCESS_ID_BYTES }), chance => {
      expect(processIdFrom(chance)).toMatch(/^p-.{10}$/)
    }),
  )
})
