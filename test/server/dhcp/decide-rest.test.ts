import { describe, expect, test } from 'vitest'
import type { Lease } from '../../../server/dhcp/lease.ts'
import {
  ABROAD,
  decided,
  FOREIGN_SERVER,
  holdOf,
  leaseOf,
  MINE,
  NOW_MS,
  RELEASED,
  type Row,
  UNICAST,
} from './decision-table.ts'
import { ip, MACHINE, OTHER, SERVER } from './scene.ts'

describe('DECLINE, RELEASE, INFORM', () => {
  const decline = { type: 4, requested: MINE, server: SERVER }
  const release = { type: 7, ciaddr: MINE, source: UNICAST }
  const declined = (address: string): Lease => leaseOf(MACHINE, ip(address), { state: 'declined' })
  const five = ['10.77.0.61', '10.77.0.62', '10.77.0.63', '10.77.0.64', '10.77.0.65'].map(declined)
  test.each<Row>([
    ['DECLINE of its offer', decline, [], [holdOf(MACHINE, MINE)], { kind: 'record', reason: 'declined' }],
    ['DECLINE of its lease', decline, [leaseOf(MACHINE, MINE)], [], { kind: 'record' }],
    ['C069 DECLINE of a stranger', decline, [leaseOf(OTHER, MINE)], [], { kind: 'ignore' }],
    [
      'DECLINE for another server',
      { ...decline, server: FOREIGN_SERVER },
      [leaseOf(MACHINE, MINE)],
      [],
      { kind: 'ignore' },
    ],
    [
      'C069 the sixth DECLINE in an hour',
      decline,
      five,
      [holdOf(MACHINE, MINE)],
      { kind: 'ignore', reason: 'too many DECLINEs' },
    ],
    [
      'C071 RELEASE of its lease, no server named',
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
    ['C071 RELEASE of what another has', release, [leaseOf(OTHER, MINE)], [], { kind: 'ignore' }],
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
