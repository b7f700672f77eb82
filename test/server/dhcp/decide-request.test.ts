import { describe, expect, test } from 'vitest'
import {
  ABROAD,
  decided,
  EXPIRED,
  FOREIGN_SERVER,
  FREE,
  holdOf,
  leaseOf,
  MINE,
  NOW_MS,
  RELEASED,
  type Row,
  THEIRS,
  UNICAST,
} from './decision-table.ts'
import { ip, MACHINE, OTHER, SERVER } from './scene.ts'

const selecting = { type: 3, requested: MINE, server: SERVER }
const rebooting = { type: 3, requested: MINE }
const renewing = { type: 3, ciaddr: MINE, source: UNICAST }
const rebinding = { type: 3, ciaddr: MINE }

describe('REQUEST', () => {
  test.each<Row>([
    [
      'selecting what was offered',
      selecting,
      [],
      [holdOf(MACHINE, MINE)],
      { kind: 'ack', leaseSeconds: 777, reason: 'selected' },
    ],
    [
      'selecting again after the ACK',
      selecting,
      [leaseOf(MACHINE, MINE)],
      [holdOf(MACHINE, MINE, { acknowledged: true })],
      { kind: 'ack', lease: undefined, reason: 'repeated request' },
    ],
    [
      'C052 selecting something else than offered',
      selecting,
      [],
      [holdOf(MACHINE, FREE)],
      { kind: 'nak', reason: 'not the address offered' },
    ],
    ['selecting after our restart, address free', selecting, [], [], { kind: 'ack', reason: 'selected' }],
    [
      'selecting after the hold ran out, address given away',
      selecting,
      [],
      [holdOf(OTHER, MINE)],
      { kind: 'nak', reason: 'address not available' },
    ],
    [
      'selecting what another machine has',
      selecting,
      [leaseOf(OTHER, MINE)],
      [],
      { kind: 'nak', reason: 'address not available' },
    ],
    [
      'selecting what another machine had until now',
      selecting,
      [leaseOf(OTHER, MINE, EXPIRED)],
      [],
      { kind: 'ack' },
    ],
    [
      'selecting an address outside the pool',
      { ...selecting, requested: ip('10.77.0.9') },
      [],
      [],
      { kind: 'nak' },
    ],
    [
      'C051 selecting another server',
      { ...selecting, server: FOREIGN_SERVER },
      [],
      [holdOf(MACHINE, MINE)],
      { kind: 'withdraw' },
    ],
    [
      'selecting with ciaddr filled in',
      { ...selecting, ciaddr: ABROAD },
      [],
      [holdOf(MACHINE, MINE)],
      { kind: 'ack' },
    ],
    [
      'ciaddr and our server id, no 50',
      { type: 3, ciaddr: MINE, server: SERVER },
      [leaseOf(MACHINE, MINE)],
      [],
      { kind: 'ack' },
    ],

    [
      'C055 rebooting with its lease',
      rebooting,
      [leaseOf(MACHINE, MINE)],
      [],
      { kind: 'ack', reason: 'rebooted' },
    ],
    ['rebooting with its expired lease', rebooting, [leaseOf(MACHINE, MINE, EXPIRED)], [], { kind: 'ack' }],
    [
      'rebooting with another address than leased',
      rebooting,
      [leaseOf(MACHINE, FREE)],
      [],
      { kind: 'nak', reason: 'another address is leased' },
    ],
    ['C058 rebooting, unknown to us, address free', rebooting, [], [], { kind: 'ack', reason: 'adopted' }],
    ['rebooting with what another machine has', rebooting, [leaseOf(OTHER, MINE)], [], { kind: 'nak' }],
    ['rebooting with what is offered to another', rebooting, [], [holdOf(OTHER, MINE)], { kind: 'nak' }],
    [
      'rebooting from another network',
      { ...rebooting, requested: ABROAD },
      [],
      [],
      { kind: 'nak', reason: 'wrong network' },
    ],

    ['renewing', renewing, [leaseOf(MACHINE, MINE)], [], { kind: 'ack', reason: 'extended' }],
    [
      'renewing too late, address still free',
      renewing,
      [leaseOf(MACHINE, MINE, EXPIRED)],
      [],
      { kind: 'ack', reason: 'extended' },
    ],
    ['renewing what it released', renewing, [leaseOf(MACHINE, MINE, RELEASED)], [], { kind: 'ack' }],
    [
      'C061 renewing what another machine has',
      { ...renewing, ciaddr: THEIRS },
      [leaseOf(OTHER, THEIRS)],
      [],
      { kind: 'nak' },
    ],
    ['renewing without a record of it', renewing, [], [], { kind: 'ack', reason: 'adopted' }],
    [
      'C062 dhcping: ciaddr and the same 50',
      { ...renewing, requested: MINE },
      [leaseOf(MACHINE, MINE)],
      [],
      { kind: 'ack', reason: 'extended' },
    ],
    [
      'ciaddr and another 50',
      { ...renewing, requested: FREE },
      [leaseOf(MACHINE, MINE)],
      [],
      { kind: 'nak' },
    ],

    ['rebinding', rebinding, [leaseOf(MACHINE, MINE)], [], { kind: 'ack', reason: 'extended' }],
    [
      'rebinding on the wrong network',
      { ...rebinding, ciaddr: ABROAD },
      [],
      [],
      { kind: 'nak', reason: 'wrong network' },
    ],
    ['C063 no address at all', { type: 3 }, [], [], { kind: 'ignore' }],
  ])('%s', (_name, asked, leases, holds, expected) => {
    expect(decided(asked, leases, holds)).toMatchObject(expected)
  })

  test('a renewal never shortens a lease, a reboot may', () => {
    const long = leaseOf(MACHINE, MINE, { expiresAtMs: NOW_MS + 90_000_000 })
    expect(decided(renewing, [long], [])).toMatchObject({ lease: { expiresAtMs: NOW_MS + 90_000_000 } })
    expect(decided(rebooting, [long], [])).toMatchObject({ lease: { expiresAtMs: NOW_MS + 43_200_000 } })
  })
})
