import { describe, expect, it } from 'vitest'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { RateLimit } from '../../../server/rate-limit.ts'
import { Admission } from '../../../server/tftp/admission.ts'

const LIMITS = {
  maxTransfers: 4,
  maxTransfersPerClient: 2,
  maxRequestsPerSecond: 5,
  maxRequestsPerSecondPerClient: 3,
}
const ip = (last: number): Ipv4 => `10.77.0.${last}` as Ipv4

describe('Admission', () => {
  const cases = [
    [[], 1, 'admitted'],
    [[1], 1, 'admitted'],
    [[1, 1], 1, 'too many transfers of one client'],
    [[1, 1], 2, 'admitted'],
    [[1, 1, 2, 3], 4, 'too many transfers'],
  ] as const
  it.each(cases)('beside %j, client %i: %s', (running, client, expected) => {
    const admission = new Admission(LIMITS)
    for (const each of running) admission.enter(ip(each))
    const decision = admission.decide(ip(client))
    expect(decision.kind === 'full' ? decision.reason : decision.kind).toBe(expected)
  })

  it('forgets who has left', () => {
    const admission = new Admission(LIMITS)
    for (const each of [1, 1, 2, 3]) admission.enter(ip(each))
    admission.leave(ip(1))
    expect(admission.decide(ip(1))).toEqual({ kind: 'admitted' })
    expect(admission.decide(ip(4))).toEqual({ kind: 'admitted' })
  })

  it('gives each address and all together their share of requests a second', () => {
    const admission = new Admission(LIMITS)
    const ask = (client: number, nowMs: number) => admission.allowsRequest(ip(client), nowMs)
    expect([1, 1, 1, 1].map(client => ask(client, 0))).toEqual([true, true, true, false])
    expect([2, 3, 4].map(client => ask(client, 0))).toEqual([true, true, false])
    expect(ask(4, 1000)).toBe(true)
  })
})

describe('RateLimit', () => {
  it('gives each key its share of each second', () => {
    const limit = new RateLimit(2)
    const allowed = [0, 1, 2, 999, 1000, 1001, 1002].map(nowMs => limit.allows('a', nowMs))
    expect(allowed).toEqual([true, true, false, false, true, true, false])
    expect(limit.allows('b', 1002)).toBe(true)
  })

  it('answers nobody new when a flood of senders comes in one second', () => {
    const limit = new RateLimit(5)
    for (let sender = 0; sender < 4096; sender++) expect(limit.allows(`s${sender}`, 0)).toBe(true)
    expect(limit.allows('one more', 0)).toBe(false)
    expect(limit.allows('s7', 0)).toBe(true)
    expect(limit.allows('one more', 1000)).toBe(true)
  })
})
