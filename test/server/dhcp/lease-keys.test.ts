import { describe, expect, test } from 'vitest'
import type { Lease } from '../../../server/dhcp/lease.ts'
import { planLeaseWrite } from '../../../server/dhcp/lease-keys.ts'
import { createLeaseTable } from '../../../server/dhcp/lease-table.ts'
import { ip, MACHINE, OTHER, subnetOf } from './scene.ts'

const lease = (who: typeof MACHINE, address: string, state: Lease['state'] = 'bound'): Lease => ({
  ip: ip(address),
  mac: who,
  state,
  stage: 'os',
  expiresAtMs: 9,
  seenAtMs: 1,
})

describe('the transaction of a lease', () => {
  test.each<[string, readonly Lease[], Lease, Readonly<Record<string, 'put' | 'delete'>>]>([
    ['a first one', [], lease(MACHINE, '10.77.0.50'), { 'lease/ip/10.77.0.50': 'put' }],
    [
      'a renewed one',
      [lease(MACHINE, '10.77.0.50')],
      lease(MACHINE, '10.77.0.50'),
      { 'lease/ip/10.77.0.50': 'put' },
    ],
    [
      'a move to another address frees the former',
      [lease(MACHINE, '10.77.0.50')],
      lease(MACHINE, '10.77.0.51'),
      { 'lease/ip/10.77.0.50': 'delete', 'lease/ip/10.77.0.51': 'put' },
    ],
    [
      'a reclaimed address leaves its former machine without',
      [lease(OTHER, '10.77.0.50', 'released')],
      lease(MACHINE, '10.77.0.50'),
      { 'lease/ip/10.77.0.50': 'put' },
    ],
    [
      'a declined one leaves its machine without',
      [lease(MACHINE, '10.77.0.50')],
      lease(MACHINE, '10.77.0.50', 'declined'),
      { 'lease/ip/10.77.0.50': 'put' },
    ],
    [
      'an address out of quarantine had no machine',
      [lease(OTHER, '10.77.0.50', 'declined')],
      lease(MACHINE, '10.77.0.50'),
      { 'lease/ip/10.77.0.50': 'put' },
    ],
  ])('%s', (_name, before, next, expected) => {
    const versionOf = (key: string) => key.length
    const plan = planLeaseWrite(next, subnetOf(), createLeaseTable(before), versionOf)
    expect(Object.fromEntries(plan.writes.map(write => [write.key, write.kind]))).toEqual(expected)
    expect(plan.conditions).toEqual(plan.writes.map(({ key }) => ({ key, version: key.length })))
  })
})
