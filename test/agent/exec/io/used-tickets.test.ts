import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openUsedTickets } from '../../../../agent/exec/io/used-tickets.ts'

const MINUTE_MS = 60_000
const folder = mkdtempSync(join(tmpdir(), 'godwit-used-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('an id is new once, for this agent and for the next of the same boot', () => {
  let nowMs = 1_800_000_000_000
  const first = openUsedTickets(folder, () => nowMs)
  expect([first('p-1'), first('p-2'), first('p-1')]).toEqual([true, true, false])
  nowMs += 9 * MINUTE_MS
  expect(first('p-2')).toBe(false)
  const second = openUsedTickets(folder, () => nowMs)
  expect([second('p-1'), second('p-2'), second('p-3'), first('p-4')]).toEqual([false, false, true, true])
})

test('thousands an hour take no more room than those of twenty minutes', () => {
  let nowMs = 1_800_000_000_000
  const mark = openUsedTickets(folder, () => nowMs)
  for (let minute = 0; minute < 120; minute += 1) {
    expect(mark(`p-${minute}`)).toBe(true)
    expect(mark(`p-${Math.max(0, minute - 9)}`)).toBe(false)
    nowMs += MINUTE_MS
  }
  expect(readdirSync(folder)).toHaveLength(2)
})

test('a clock that is set back forgets nothing', () => {
  let nowMs = 1_800_000_000_000
  const mark = openUsedTickets(folder, () => nowMs)
  expect(mark('p-1')).toBe(true)
  nowMs -= 3_600_000
  expect([mark('p-1'), mark('p-2')]).toEqual([false, true])
  expect(openUsedTickets(folder, () => nowMs)('p-1')).toBe(false)
})
