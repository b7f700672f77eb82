import { describe, expect, test } from 'vitest'
import type { Decision } from '../../../server/dhcp/decision.ts'
import type { Hold, Lease } from '../../../server/dhcp/lease.ts'
import { type Asked, decided, EXPIRED, FREE, holdOf, leaseOf, MINE, RELEASED } from './decision-table.ts'
import { ip, MACHINE, OTHER } from './scene.ts'

describe('DISCOVER', () => {
  const discover = { type: 1 }
  const wish = { type: 1, requested: FREE }
  const reserved = {
    reservations: [
      { mac: MACHINE, ip: '10.77.0.7' },
      { mac: OTHER, ip: FREE },
    ],
  }
  test.each<readonly [string, Asked, readonly Lease[], readonly Hold[], object, Partial<Decision>]>([
    ['the reservation wins over a wish', wish, [], [], reserved, { ip: ip('10.77.0.7'), reason: 'reserved' }],
    [
      'a reservation somebody sits on does not',
      discover,
      [leaseOf(OTHER, ip('10.77.0.7'))],
      [holdOf(MACHINE, MINE)],
      reserved,
      { ip: MINE, reason: 'offered before' },
    ],
    [
      'what was offered is offered again',
      wish,
      [],
      [holdOf(MACHINE, MINE)],
      {},
      { ip: MINE, reason: 'offered before' },
    ],
    ['the lease stays', wish, [leaseOf(MACHINE, MINE)], [], {}, { ip: MINE, reason: 'leased before' }],
    ['the expired lease comes back', wish, [leaseOf(MACHINE, MINE, EXPIRED)], [], {}, { ip: MINE }],
    ['a released one too', wish, [leaseOf(MACHINE, MINE, RELEASED)], [], {}, { ip: MINE }],
    ['a wish for a free address is granted', wish, [], [], {}, { ip: FREE, reason: 'asked for' }],
    ['a wish for a taken one is not', wish, [leaseOf(OTHER, FREE)], [], {}, { kind: 'offer', reason: 'new' }],
    [
      'nor for one reserved to another',
      wish,
      [],
      [],
      { reservations: [{ mac: OTHER, ip: FREE }] },
      { reason: 'new' },
    ],
    ['nor for an excluded one', wish, [], [], { exclude: [FREE] }, { reason: 'new' }],
    ['nor for one outside the pool', { ...wish, requested: ip('10.77.0.9') }, [], [], {}, { reason: 'new' }],
    [
      'a wish for a short lease is granted from 120 s on',
      { ...discover, hintSeconds: 200 },
      [],
      [],
      {},
      { leaseSeconds: 200 },
    ],
    ['and not below', { ...discover, hintSeconds: 5 }, [], [], {}, { leaseSeconds: 120 }],
  ])('%s', (_name, asked, leases, holds, dhcp, expected) => {
    expect(decided(asked, leases, holds, dhcp)).toMatchObject(expected)
  })
})
