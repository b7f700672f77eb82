import { expect, test } from 'vitest'
import { createHoldTable } from '../../../server/dhcp/hold-table.ts'
import type { Hold } from '../../../server/dhcp/lease.ts'
import { ip, MACHINE, OTHER, subnetOf } from './scene.ts'

const SUBNET = subnetOf()
const boot = { file: 'snponly.efi', nextServer: ip('10.77.0.1') }

function holdOf(change: Partial<Hold> = {}): Hold {
  return {
    ...{ ip: ip('10.77.0.50'), mac: MACHINE, identity: MACHINE, subnet: SUBNET.name, xid: 1 },
    ...{ expiresAtMs: 1000, leaseSeconds: 900, stage: 'rom', boot, acknowledged: false },
    ...change,
  }
}

test('the next exchange about the same address is all that is known of it then', () => {
  const table = createHoldTable()
  table.put(holdOf())
  const next = holdOf({ xid: 2, expiresAtMs: 2000, leaseSeconds: 60, stage: 'os', boot: undefined })
  table.put(next)
  expect([table.at(next.ip, 1500), table.of(MACHINE, SUBNET, 1500)]).toEqual([next, next])
  table.put(holdOf({ boot: { ...boot, file: 'other.efi' } }))
  expect(table.of(MACHINE, SUBNET, 500)?.boot).toEqual({ ...boot, file: 'other.efi' })
})

test('an offer counts as open until it is acknowledged, and again with the next DISCOVER', () => {
  const table = createHoldTable()
  const open: number[] = []
  for (const acknowledged of [false, false, true, true, false]) {
    table.put(holdOf({ acknowledged }))
    open.push(table.open(SUBNET, 500))
  }
  expect(open).toEqual([1, 1, 0, 0, 1])
})

test('what is handed in stays as it is, whatever comes after it', () => {
  const table = createHoldTable()
  const first = holdOf()
  table.put(first)
  table.put(holdOf({ xid: 2, acknowledged: true }))
  expect(first).toEqual(holdOf())
})

test('an address that goes to another machine takes its hold along', () => {
  const table = createHoldTable()
  table.put(holdOf())
  table.put(holdOf({ mac: OTHER, identity: OTHER }))
  expect(table.of(MACHINE, SUBNET, 500)).toBeUndefined()
  expect(table.at(ip('10.77.0.50'), 500)?.identity).toBe(OTHER)
  expect(table.open(SUBNET, 500)).toBe(1)
})
