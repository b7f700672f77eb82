import { expect, test } from 'vitest'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { decideExtension } from '../../../server/dhcp/extend.ts'
import type { Hold, Lease } from '../../../server/dhcp/lease.ts'
import { createLeaseTable } from '../../../server/dhcp/lease-table.ts'
import { ABROAD, EXPIRED, FREE, holdOf, leaseOf, MINE, NOW_MS, RELEASED } from './decision-table.ts'
import { MACHINE, OTHER, subnetOf } from './scene.ts'

const LEASE_SECONDS = 4000
const subnet = subnetOf({ leaseSeconds: LEASE_SECONDS })
const left = (share: number) => ({ expiresAtMs: NOW_MS + share * LEASE_SECONDS * 1000 })
const taken = 'its address is leased to another machine'
const foreign = 'its address is not one of ours'

test.each<[string, Ipv4, readonly Lease[], readonly Hold[], object]>([
  [
    'its lease with three quarters left is fresh',
    MINE,
    [leaseOf(MACHINE, MINE, left(0.75))],
    [],
    { kind: 'fresh' },
  ],
  ['with less it is extended', MINE, [leaseOf(MACHINE, MINE, left(0.74))], [], { kind: 'extend' }],
  ['so is its expired one', MINE, [leaseOf(MACHINE, MINE, EXPIRED)], [], { kind: 'extend' }],
  ['so is one it released', MINE, [leaseOf(MACHINE, MINE, RELEASED)], [], { kind: 'extend' }],
  ['its lease outside the pool is kept', ABROAD, [leaseOf(MACHINE, ABROAD, EXPIRED)], [], { kind: 'extend' }],
  ['a free address without a record is adopted', FREE, [], [], { kind: 'extend' }],
  ['one outside the pool is not', ABROAD, [], [], { kind: 'refused', reason: foreign }],
  [
    "another machine's live lease is not",
    MINE,
    [leaseOf(OTHER, MINE)],
    [],
    { kind: 'refused', reason: taken },
  ],
  ["another machine's expired one is", MINE, [leaseOf(OTHER, MINE, EXPIRED)], [], { kind: 'extend' }],
  [
    'one on offer to another machine is not',
    FREE,
    [],
    [holdOf(OTHER, FREE)],
    { kind: 'refused', reason: taken },
  ],
])('%s', (_, ip, leases, holds, expected) => {
  const table = createLeaseTable(leases)
  for (const hold of holds) table.hold(hold)
  expect(decideExtension(subnet, table, MACHINE, ip, NOW_MS)).toMatchObject(expected)
})

test('an extended lease runs a whole lease time from now and keeps its host name', () => {
  const table = createLeaseTable([leaseOf(MACHINE, MINE, { ...EXPIRED, hostName: 'alder', stage: 'ipxe' })])
  expect(decideExtension(subnet, table, MACHINE, MINE, NOW_MS)).toEqual({
    kind: 'extend',
    lease: leaseOf(MACHINE, MINE, { ...left(1), seenAtMs: NOW_MS, hostName: 'alder', stage: 'os' }),
  })
})

test('a lease that goes by client id is extended in that name', () => {
  const named = { identity: 'id:01525400770001' }
  const table = createLeaseTable([leaseOf(MACHINE, MINE, { ...left(0.5), ...named })])
  expect(decideExtension(subnet, table, MACHINE, MINE, NOW_MS)).toMatchObject({
    kind: 'extend',
    lease: { mac: MACHINE, ...named },
  })
})
