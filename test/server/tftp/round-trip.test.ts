import { describe, expect, it } from 'vitest'
import { PLAIN_TERMS } from '../../../server/tftp/options.ts'
import { begin, step } from '../../../server/tftp/transfer.ts'
import type { TransferEvent } from '../../../server/tftp/transfer-state.ts'

const ack = (block: number, nowMs: number): TransferEvent => ({ kind: 'ack', block, nowMs })
const timer = (nowMs: number): TransferEvent => ({ kind: 'timer', nowMs })

describe('a client whose round trip is known', () => {
  /** When the transfer is next due after ACKs that came `roundTripsMs` behind their blocks. */
  function waits(roundTripsMs: readonly number[], silences: number): readonly number[] {
    let nowMs = 0
    let [state] = begin(PLAIN_TERMS, nowMs)
    roundTripsMs.forEach((roundTripMs, index) => {
      ;[state] = step(state, { kind: 'sent', block: index + 1, last: false, nowMs })
      nowMs += roundTripMs
      ;[state] = step(state, ack(index + 1, nowMs))
    })
    return Array.from({ length: silences }, () => {
      const waitMs = state.deadlineMs - nowMs
      nowMs = state.deadlineMs
      ;[state] = step(state, timer(nowMs))
      return waitMs
    })
  }

  it('is asked again after a wink, then half as often each time, up to 8 s', () => {
    expect(waits([1, 1, 1], 11)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 8000, 8000])
  })

  it('gets the time it takes: a ROM that copies slowly is not raced', () => {
    expect(waits(Array(40).fill(400), 1)[0]).toBeGreaterThan(400)
    expect(waits([20, 400, 20, 400, 20, 400], 1)[0]).toBeGreaterThan(700)
  })

  it('who answers the options at once and takes its time for each block gets that time', () => {
    let nowMs = 0
    let [state] = begin({ ...PLAIN_TERMS, accepted: [{ name: 'blksize', value: '512' }] }, nowMs)
    ;[state] = step(state, ack(0, ++nowMs))
    let sent = 0
    for (let block = 1; block <= 40; block++) {
      const answeredMs = nowMs + 100
      ;[state] = step(state, { kind: 'sent', block, last: false, nowMs })
      for (sent += 1; state.deadlineMs < answeredMs; sent += 1) {
        nowMs = state.deadlineMs
        ;[state] = step(state, timer(nowMs))
        ;[state] = step(state, { kind: 'sent', block, last: false, nowMs })
      }
      nowMs = answeredMs
      ;[state] = step(state, ack(block, nowMs))
    }
    expect(sent).toBeLessThanOrEqual(50)
  })

  it('is not measured by answers to what was sent twice (Karn)', () => {
    let [state] = begin(PLAIN_TERMS, 0)
    ;[state] = step(state, timer(1000))
    ;[state] = step(state, { kind: 'sent', block: 1, last: false, nowMs: 1000 })
    ;[state] = step(state, ack(1, 1001))
    expect(state.roundTrip).toBeUndefined()
    expect(state.deadlineMs - 1001).toBe(1000)
  })
})
