import { describe, expect, test } from 'vitest'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { classify } from '../../../server/dhcp/classify.ts'
import { decide } from '../../../server/dhcp/decide.ts'
import type { Decision } from '../../../server/dhcp/decision.ts'
import type { Hold, Lease } from '../../../server/dhcp/lease.ts'
import { createLeaseTable } from '../../../server/dhcp/lease-table.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import type { Source } from '../../../server/dhcp/packet.ts'
import { BROADCAST, ip, MACHINE, OTHER, octets, packetOf, SERVER, subnetOf } from './scene.ts'

const NOW_MS = 1_000_000_000
const FOREIGN_SERVER = ip('10.77.0.3')
const MINE = ip('10.77.0.50')
const THEIRS = ip('10.77.0.51')
const FREE = ip('10.77.0.60')
const ABROAD = ip('192.168.9.9')
const UNICAST: Source = { address: MINE, port: 68, delivery: 'unicast' }

type Asked = {
  readonly type: number
  readonly ciaddr?: Ipv4
  readonly requested?: Ipv4
  readonly server?: Ipv4
  readonly source?: Source
  readonly hintSeconds?: number
}

/** Decides on a message of MACHINE, with the leases and holds given. */
function decided(asked: Asked, leases: readonly Lease[], holds: readonly Hold[], dhcp = {}): Decision {
  const packet = packetOf({
    ciaddr: asked.ciaddr ?? ip('0.0.0.0'),
    options: [
      [OPTION.messageType, [asked.type]],
      ...(asked.requested === undefined ? [] : [[OPTION.requestedIp, octets(asked.requested)] as const]),
      ...(asked.server === undefined ? [] : [[OPTION.serverId, octets(asked.server)] as const]),
      ...(asked.hintSeconds === undefined
        ? []
        : [[OPTION.leaseSeconds, [0, 0, 0, asked.hintSeconds]] as const]),
    ],
  })
  const classified = classify(packet, asked.source ?? BROADCAST)
  if (classified.kind === 'refused') throw new Error(classified.reason)
  const table = createLeaseTable(leases)
  for (const each of holds) table.hold(each)
  return decide(classified.request, subnetOf(dhcp), table, NOW_MS)
}

function leaseOf(mac: Mac, address: Ipv4, more: Partial<Lease> = {}): Lease {
  const times = { expiresAtMs: NOW_MS + 3_600_000, seenAtMs: NOW_MS - 1000 }
  return { ip: address, mac, state: 'bound', stage: 'os', ...times, ...more }
}

function holdOf(mac: Mac, address: Ipv4, more: Partial<Hold> = {}): Hold {
  const frozen = { stage: 'os' as const, boot: undefined, acknowledged: false }
  return {
    ip: address,
    mac,
    xid: 0x1122_3344,
    expiresAtMs: NOW_MS + 60_000,
    leaseSeconds: 777,
    ...frozen,
    ...more,
  }
}

const EXPIRED = { expiresAtMs: NOW_MS - 1 }
const RELEASED = { state: 'released' as const, expiresAtMs: NOW_MS - 5000 }

type Row = readonly [string, Asked, readonly Lease[], readonly Hold[], Partial<Decision>]

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
      [],
      [holdOf(MACHINE, MINE, { acknowledged: true })],
      { kind: 'ack', lease: undefined, reason: 'repeated request' },
    ],
    [
      'selecting something else than offered',
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
      'selecting another server',
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
      'rebooting with its lease',
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
    ['rebooting, unknown to us, address free', rebooting, [], [], { kind: 'ack', reason: 'adopted' }],
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
      'renewing what another machine has',
      { ...renewing, ciaddr: THEIRS },
      [leaseOf(OTHER, THEIRS)],
      [],
      { kind: 'nak' },
    ],
    ['renewing without a record of it', renewing, [], [], { kind: 'ack', reason: 'adopted' }],
    [
      'dhcping: ciaddr and the same 50',
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
    ['no address at all', { type: 3 }, [], [], { kind: 'ignore' }],
  ])('%s', (_name, asked, leases, holds, expected) => {
    expect(decided(asked, leases, holds)).toMatchObject(expected)
  })

  test('a renewal never shortens a lease, a reboot may', () => {
    const long = leaseOf(MACHINE, MINE, { expiresAtMs: NOW_MS + 90_000_000 })
    expect(decided(renewing, [long], [])).toMatchObject({ lease: { expiresAtMs: NOW_MS + 90_000_000 } })
    expect(decided(rebooting, [long], [])).toMatchObject({ lease: { expiresAtMs: NOW_MS + 43_200_000 } })
  })
})

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

describe('DECLINE, RELEASE, INFORM', () => {
  const decline = { type: 4, requested: MINE, server: SERVER }
  const release = { type: 7, ciaddr: MINE, source: UNICAST }
  const declined = (address: string): Lease => leaseOf(MACHINE, ip(address), { state: 'declined' })
  const five = ['10.77.0.61', '10.77.0.62', '10.77.0.63', '10.77.0.64', '10.77.0.65'].map(declined)
  test.each<Row>([
    ['DECLINE of its offer', decline, [], [holdOf(MACHINE, MINE)], { kind: 'record', reason: 'declined' }],
    ['DECLINE of its lease', decline, [leaseOf(MACHINE, MINE)], [], { kind: 'record' }],
    ['DECLINE of a stranger', decline, [leaseOf(OTHER, MINE)], [], { kind: 'ignore' }],
    [
      'DECLINE for another server',
      { ...decline, server: FOREIGN_SERVER },
      [leaseOf(MACHINE, MINE)],
      [],
      { kind: 'ignore' },
    ],
    [
      'the sixth DECLINE in an hour',
      decline,
      five,
      [holdOf(MACHINE, MINE)],
      { kind: 'ignore', reason: 'too many DECLINEs' },
    ],
    [
      'RELEASE of its lease, no server named',
      release,
      [leaseOf(MACHINE, MINE)],
      [],
      { kind: 'record', reason: 'released' },
    ],
    [
      'RELEASE for another server',
      { ...release, server: FOREIGN_SERVER },
      [leaseOf(MACHINE, MINE)],
      [],
      { kind: 'ignore' },
    ],
    ['RELEASE of what another has', release, [leaseOf(OTHER, MINE)], [], { kind: 'ignore' }],
    ['RELEASE twice', release, [leaseOf(MACHINE, MINE, RELEASED)], [], { kind: 'ignore' }],
    ['INFORM', { type: 8, ciaddr: ip('10.77.0.20'), source: UNICAST }, [], [], { kind: 'inform' }],
    ['INFORM without any address', { type: 8 }, [], [], { kind: 'ignore' }],
    ['INFORM from another network', { type: 8, ciaddr: ABROAD }, [], [], { kind: 'ignore' }],
    ['a message only servers send', { type: 5 }, [], [], { kind: 'ignore' }],
  ])('%s', (_name, asked, leases, holds, expected) => {
    expect(decided(asked, leases, holds)).toMatchObject(expected)
  })

  test('a declined reservation comes back after ten minutes, another address after the configured time', () => {
    const reservations = [{ mac: MACHINE, ip: MINE }]
    const untilMs = (dhcp: object) => {
      const decision = decided(decline, [leaseOf(MACHINE, MINE)], [], dhcp)
      return decision.kind === 'record' ? decision.lease.expiresAtMs - NOW_MS : undefined
    }
    expect([untilMs({ reservations }), untilMs({})]).toEqual([600_000, 3_600_000])
  })
})
