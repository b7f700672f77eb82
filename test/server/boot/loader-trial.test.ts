import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { LoaderName } from '../../../config/values/loader-name.ts'
import {
  afterAsked,
  afterCallBack,
  afterSent,
  type LoaderTrial,
  UNTRIED,
} from '../../../server/boot/loader-trial.ts'

const NAMES: readonly LoaderName[] = ['undionly.kpxe', 'ipxe.pxe', 'undionly.kkpxe']

it('a loader that was fetched and not heard of for 20 s has failed, once', () => {
  const sent = afterSent(UNTRIED, 'undionly.kpxe', 0)
  expect(afterAsked(sent, 19_999)).toBe(sent)
  const failed = afterAsked(sent, 20_000)
  expect(failed).toEqual({ sent: undefined, failed: ['undionly.kpxe'] })
  expect(afterAsked(failed, 60_000)).toBe(failed)
})

it('a machine that asks a quarter of an hour later was off: nothing is held against the loader', () => {
  expect(afterAsked(afterSent(UNTRIED, 'undionly.kpxe', 0), 900_001)).toEqual(UNTRIED)
})

it('where all have failed it goes round again', () => {
  let trial = UNTRIED
  for (const name of ['undionly.kpxe', 'ipxe.pxe', 'undionly.kpxe'] as const)
    trial = afterAsked(afterSent(trial, name, 0), 30_000)
  expect(trial.failed).toEqual(['undionly.kpxe'])
})

it('whatever happens, a call back clears all, and no loader is on the list twice', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('sent' as const), name: fc.constantFrom(...NAMES) }),
    fc.record({ kind: fc.constant('asked' as const), name: fc.constantFrom(...NAMES) }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.nat(1_000_000))), steps => {
      let trial: LoaderTrial = UNTRIED
      let nowMs = 0
      for (const [{ kind, name }, afterMs] of steps) {
        nowMs += afterMs
        trial = kind === 'sent' ? afterSent(trial, name, nowMs) : afterAsked(trial, nowMs)
        expect(new Set(trial.failed).size).toBe(trial.failed.length)
      }
      const end = afterCallBack(trial)
      expect(end.trial).toBe(UNTRIED)
      expect(end.worked).toBe(trial.sent?.name)
    }),
  )
})
