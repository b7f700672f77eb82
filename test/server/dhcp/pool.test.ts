import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ServerConfig } from '../../../config/server.ts'
import { ipv4ToNumber } from '../../../config/values/ipv4.ts'
import type { Hold, Lease } from '../../../server/dhcp/lease.ts'
import { createLeaseTable } from '../../../server/dhcp/lease-table.ts'
import { chooseAddress } from '../../../server/dhcp/pool.ts'
import { isLeasable, subnetFor } from '../../../server/dhcp/subnet.ts'
import { ip, MACHINE, mac, SERVER, subnetOf } from './scene.ts'

const NOW_MS = 1_000_000
const WHO = { mac: MACHINE, identity: MACHINE }
const small = subnetOf({ pool: { start: '10.77.0.50', end: '10.77.0.52' } })
const machine = (index: number) =>
  mac(
    `52:54:00:88:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
  )

function used(address: string, state: Lease['state'], expiresAtMs: number): Lease {
  return {
    ip: ip(address),
    mac: machine(Number(address.split('.')[3])),
    state,
    stage: 'os',
    expiresAtMs,
    seenAtMs: 0,
  }
}

describe('when every address was used before', () => {
  test.each<[string, readonly Lease[], string | undefined]>([
    [
      'a released one comes first',
      [used('10.77.0.50', 'declined', 5), used('10.77.0.51', 'bound', 1), used('10.77.0.52', 'released', 9)],
      '10.77.0.52',
    ],
    [
      'then an expired one',
      [
        used('10.77.0.50', 'declined', 5),
        used('10.77.0.51', 'bound', 8),
        used('10.77.0.52', 'bound', NOW_MS + 1),
      ],
      '10.77.0.51',
    ],
    [
      'of two the one longest unused',
      [used('10.77.0.50', 'bound', 7), used('10.77.0.51', 'bound', 3), used('10.77.0.52', 'bound', 5)],
      '10.77.0.51',
    ],
    [
      'a quarantined one last, when its time is over',
      [
        used('10.77.0.50', 'declined', 5),
        used('10.77.0.51', 'bound', NOW_MS + 1),
        used('10.77.0.52', 'declined', NOW_MS + 1),
      ],
      '10.77.0.50',
    ],
    [
      'none that is still bound or in quarantine',
      [
        used('10.77.0.50', 'bound', NOW_MS + 1),
        used('10.77.0.51', 'bound', NOW_MS + 1),
        used('10.77.0.52', 'declined', NOW_MS + 1),
      ],
      undefined,
    ],
  ])('C043 %s', (_name, leases, expected) => {
    const choice = chooseAddress(small, createLeaseTable(leases), WHO, undefined, NOW_MS)
    expect(choice.kind === 'address' ? choice.ip : undefined).toBe(expected)
  })
})

describe('offers nobody answered', () => {
  const hold = (index: number): Hold => ({
    ip: ip(`10.77.0.${50 + index}`),
    mac: machine(index),
    identity: machine(index),
    subnet: subnetOf().name,
    xid: 1,
    expiresAtMs: NOW_MS + 120_000,
    leaseSeconds: 900,
    stage: 'os',
    boot: undefined,
    acknowledged: false,
  })
  test('may hold half of a large pool, until their time is over', () => {
    const table = createLeaseTable([])
    for (let index = 0; index < 25; index += 1) table.hold(hold(index))
    expect(chooseAddress(subnetOf(), table, WHO, undefined, NOW_MS)).toEqual({
      kind: 'none',
      reason: 'too many open offers',
    })
    expect(chooseAddress(subnetOf(), table, WHO, undefined, NOW_MS + 120_000).kind).toBe('address')
  })
})

describe('subnet', () => {
  test('C040 never leases network, broadcast, server, router, excluded, x.x.x.0 and x.x.x.255', () => {
    const config = ServerConfig.parse({
      dhcp: { router: '10.77.1.7', exclude: ['10.77.1.9'], pool: { start: '10.77.0.0', end: '10.77.3.255' } },
    }).dhcp
    const result = subnetFor(config, { address: SERVER, prefixLength: 22 })
    if (result.kind === 'invalid') throw new Error(result.problems.join())
    const never = [
      '10.77.0.0',
      '10.77.0.1',
      '10.77.0.255',
      '10.77.1.0',
      '10.77.1.7',
      '10.77.1.9',
      '10.77.2.255',
      '10.77.3.255',
    ]
    expect(never.filter(each => isLeasable(result.subnet, ip(each), MACHINE))).toEqual([])
    expect(isLeasable(result.subnet, ip('10.77.2.9'), MACHINE)).toBe(true)
  })

  test('has the upper half of the network as pool by default', () => {
    const result = subnetFor(ServerConfig.parse({}).dhcp, { address: SERVER, prefixLength: 24 })
    expect(result).toMatchObject({
      subnet: { pool: { first: ipv4ToNumber(ip('10.77.0.128')), last: ipv4ToNumber(ip('10.77.0.254')) } },
    })
  })

  test('lists everything that is wrong with it', () => {
    const config = ServerConfig.parse({
      dhcp: {
        pool: { start: '10.78.0.9', end: '10.77.0.5' },
        router: '10.9.9.9',
        reservations: [
          { mac: MACHINE, ip: '10.77.0.1' },
          { mac: MACHINE, ip: '10.5.5.5' },
        ],
      },
    }).dhcp
    expect(subnetFor(config, { address: SERVER, prefixLength: 24 })).toEqual({
      kind: 'invalid',
      problems: [
        'dhcp.pool: start comes after end',
        'dhcp.pool: 10.78.0.9 is not in 10.77.0.0/24',
        'dhcp.router: 10.9.9.9 is not in 10.77.0.0/24',
        'dhcp.reservations: 10.5.5.5 is not in 10.77.0.0/24',
        "dhcp.reservations: 10.77.0.1 is the server's own address",
        `dhcp.reservations: ${MACHINE} comes twice`,
      ],
    })
  })
})

test('a machine nobody remembers gets the same address from an empty database each time', () => {
  fc.assert(
    fc.property(fc.nat({ max: 65_535 }), index => {
      const choose = () =>
        chooseAddress(
          subnetOf(),
          createLeaseTable([]),
          { mac: machine(index), identity: machine(index) },
          undefined,
          NOW_MS,
        )
      expect(choose()).toEqual(choose())
    }),
  )
})
