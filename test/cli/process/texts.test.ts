import { describe, expect, it } from 'vitest'
import { lastTable } from '../../../cli/commands/last.ts'
import { processTable } from '../../../cli/commands/ps.ts'
import { endingReason } from '../../../cli/process/ending-text.ts'
import { filterProcesses } from '../../../cli/process/filter.ts'
import { waitStatus } from '../../../cli/process/wait-status.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
import { endedRecord } from './record.ts'

const OOM = { exitStatus: null, signal: 'SIGKILL', oomKilled: true }
const KILLED = { exitStatus: null, signal: 'SIGTERM', oomKilled: false }
const OVERDUE = 'its --timeout of 2 s was over'
const gone = { ending: null, usage: null }

describe('why a process ended', () => {
  const cases: readonly [Partial<ProcessRecord>, string][] = [
    [{}, 'done'],
    [{ ending: { exitStatus: 7, signal: null, oomKilled: false } }, 'exit status 7'],
    [{ ending: KILLED }, 'killed by SIGTERM'],
    [{ ending: KILLED, reason: OVERDUE }, `killed by SIGTERM: ${OVERDUE}`],
    [
      { ending: { exitStatus: 143, signal: null, oomKilled: false }, reason: OVERDUE },
      `exit status 143: ${OVERDUE}`,
    ],
    [{ ending: OOM }, 'out of memory: used 100 MiB of 100 MiB allowed; next time: --mem 150M'],
    [
      { ending: OOM, memoryMaxBytes: null },
      'out of memory: used 100 MiB, and its node had no more; next time: --mem 150M',
    ],
    [
      { state: 'lost', ...gone, reason: 'node-1 was lost' },
      'lost: node-1 was lost; nobody knows how far it came',
    ],
    [{ state: 'refused', ...gone, reason: 'memory-taken' }, 'never started: memory-taken'],
    [{ state: 'running', ending: null }, 'still runs'],
  ]
  it.each(cases)('%o: %s', (change, text) => {
    expect(endingReason(endedRecord(change))).toBe(text)
  })
})

it('the table of processes says why one was ended', () => {
  const table = (change: Partial<ProcessRecord>) => processTable([endedRecord(change)], 0)
  expect(table({ ending: KILLED, reason: OVERDUE })).toContain(`SIGTERM (${OVERDUE})`)
  expect(table({ ending: OOM })).toContain('SIGKILL (out of memory)')
  expect(table({})).toMatch(/ 0 +java/)
})

it('the table of what is over has what it used', () => {
  expect(lastTable([endedRecord()])).toMatch(
    /p-3k7v0q1abc +node-1 +1970-01-01 00:00:01 +2\.5 s +2\.0 s +100 MiB +19 +done +java -jar a\.jar/,
  )
  expect(lastTable([endedRecord({ name: 'nightly' })])).toContain('nightly')
  expect(lastTable([])).toBe('no process is over yet')
})

describe('the status that `wait` exits with', () => {
  const number = (name: string) => (name === 'SIGTERM' ? 15 : 9)
  const cases: readonly [Partial<ProcessRecord>, number | undefined][] = [
    [{}, 0],
    [{ ending: { exitStatus: 7, signal: null, oomKilled: false } }, 7],
    [{ ending: KILLED }, 143],
    [{ ending: OOM }, 137],
    [{ state: 'lost', ...gone }, 255],
    [{ state: 'refused', ...gone }, 125],
    [{ state: 'running', ending: null }, undefined],
    [{ state: 'placed', ...gone }, undefined],
  ]
  it.each(cases)('%o: %s', (change, status) => {
    expect(waitStatus(endedRecord(change), number)).toBe(status)
  })
})

it('every part of a wish counts', () => {
  const records = [endedRecord(), endedRecord({ nodeName: 'node-2', uid: 0, name: 'nightly', state: 'lost' })]
  const chosen = (wish: object) => filterProcesses(records, wish).map(({ nodeName }) => nodeName)
  expect(chosen({})).toEqual(['node-1', 'node-2'])
  expect(chosen({ node: 'node-2' })).toEqual(['node-2'])
  expect(chosen({ node: 'n-525400770001', uid: 1000 })).toEqual(['node-1'])
  expect(chosen({ name: 'nightly', state: 'lost' })).toEqual(['node-2'])
  expect(chosen({ name: 'nightly', state: 'ended' })).toEqual([])
})
