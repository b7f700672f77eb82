import { expect, test } from 'vitest'
import { createLeaseTable } from '../../../server/dhcp/lease-table.ts'
import { FREE, holdOf, leaseOf, MINE, NOW_MS } from './decision-table.ts'
import { ip, MACHINE, mac, OTHER, subnetOf } from './scene.ts'

const SUBNET = subnetOf()

test('a machine has one lease in a subnet and an address one machine', () => {
  const table = createLeaseTable([leaseOf(MACHINE, MINE)])
  table.record(leaseOf(MACHINE, FREE), SUBNET)
  expect([table.leaseAt(MINE), table.leaseOf(MACHINE, SUBNET)?.ip]).toEqual([undefined, FREE])
  table.record(leaseOf(OTHER, FREE))
  expect([table.leaseAt(FREE)?.mac, table.leaseOf(MACHINE, SUBNET)]).toEqual([OTHER, undefined])
  table.record(leaseOf(OTHER, FREE, { state: 'declined' }))
  expect([table.leaseAt(FREE)?.state, table.leaseOf(OTHER, SUBNET)]).toEqual(['declined', undefined])
  table.forget(FREE)
  expect([...table.leases()]).toEqual([])
})

test('a machine has one hold, the last, and only until it runs out', () => {
  const table = createLeaseTable([])
  table.hold(holdOf(MACHINE, MINE))
  table.hold(holdOf(MACHINE, FREE))
  expect([table.holdAt(MINE, NOW_MS), table.holdAt(FREE, NOW_MS)?.mac]).toEqual([undefined, MACHINE])
  expect(table.holdOf(MACHINE, SUBNET, NOW_MS + 60_000)).toBeUndefined()
})

test('holds of made-up machines are swept once they ran out', () => {
  const table = createLeaseTable([])
  for (let index = 0; index < 300; index += 1) {
    const who = mac(`52:54:00:00:${index > 255 ? '01' : '00'}:${(index & 255).toString(16).padStart(2, '0')}`)
    table.hold(holdOf(who, ip(`10.${index > 255 ? 1 : 0}.0.${index & 255}`)))
  }
  expect(table.openOffers(SUBNET, NOW_MS)).toBe(300)
  expect(table.openOffers(SUBNET, NOW_MS + 60_000)).toBe(0)
})

test('an empty pool is not searched again for clients that give back what they never had', () => {
  const table = createLeaseTable([])
  table.hold(holdOf(MACHINE, MINE))
  table.markExhausted(SUBNET, NOW_MS)
  table.dropHold(OTHER, SUBNET)
  expect(table.isExhausted(SUBNET, NOW_MS)).toBe(true)
  table.dropHold(MACHINE, SUBNET)
  expect(table.isExhausted(SUBNET, NOW_MS)).toBe(false)
})
