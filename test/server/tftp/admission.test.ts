import { describe, expect, it } from 'vitest'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { RateLimit } from '../../../server/rate-limit.ts'
import { admit } from '../../../server/tftp/admission.ts'

const LIMITS = { maxTransfers: 4, maxTransfersPerClient: 2 }
const ip = (last: number): Ipv4 => `10.77.0.${last}` as Ipv4

describe('admit', () => {
  const cases = [
    [[], 1, 'admitted'],
    [[1], 1, 'admitted'],
    [[1, 1], 1, 'too many transfers of one client'],
    [[1, 1], 2, 'admitted'],
    [[1, 1, 2, 3], 4, 'too many transfers'],
  ] as const
  it.each(cases)('beside %j, client %i: %s', (running, client, expected) => {
    const decision = admit(running.map(ip), ip(client), LIMITS)
    expect(decision.kind === 'dropped' ? decision.reason : decision.kind).toBe(expected)
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
