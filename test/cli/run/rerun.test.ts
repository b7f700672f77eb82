import { describe, expect, test } from 'vitest'
import { judgeRerun, type OverRun } from '../../../cli/run/rerun.ts'

const ended = (exitStatus: number | null, oomKilled = false): OverRun['record'] => ({
  state: 'ended',
  reason: null,
  ending: { exitStatus, signal: exitStatus === null ? 'SIGKILL' : null, oomKilled },
})
const lost: OverRun['record'] = { state: 'lost', reason: 'bios1 was lost', ending: null }
const ONCE = { times: 1, onFailure: false }
const ALSO_FAILED = { times: 1, onFailure: true }
const kindOf = (over: Partial<OverRun> & Pick<OverRun, 'record'>, wish = ONCE) =>
  judgeRerun({ lostAfterStart: false, tookInput: false, interrupted: false, ...over }, wish).kind

describe('a program is started again', () => {
  test.each([
    ['when it was lost with its node', lost, ONCE],
    ['when it was killed for memory', ended(null, true), ONCE],
    ['when it failed, where that is wished', ended(1), ALSO_FAILED],
  ])('%s', (_, record, wish) => {
    expect(kindOf({ record }, wish)).toBe('again')
    expect(kindOf({ record, interrupted: true }, wish)).toBe('no')
    expect(judgeRerun({ record, lostAfterStart: false, tookInput: true, interrupted: false }, wish)).toEqual({
      kind: 'no',
      reason: expect.stringMatching(/not started again: it had begun to read its input/),
    })
  })

  test('when its node was lost so soon that the server never heard of the start', () => {
    expect(kindOf({ record: { ...lost, state: 'refused' }, lostAfterStart: true })).toBe('again')
  })

  test.each([
    ['when it is done', ended(0), ALSO_FAILED],
    ['when it failed', ended(1), ONCE],
    ['when a signal killed it', ended(null), ALSO_FAILED],
    ['when nobody started it', { ...lost, state: 'refused' as const }, ALSO_FAILED],
    ['while it may still run', { ...lost, state: 'running' as const }, ALSO_FAILED],
  ])('but not %s', (_, record, wish) => {
    expect(kindOf({ record }, wish)).toBe('no')
  })
})
