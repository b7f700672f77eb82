import { expect, test } from 'vitest'
import { linkSceneOf } from '../link-scene.ts'
import { recordedAs } from '../recorded.ts'
import { ip, OTHER, subnetOf } from '../scene.ts'

test('a machine that got no offer has not refused one: no style is given up, nothing is said of routers', async () => {
  const only = { start: '10.77.0.50', end: '10.77.0.50' }
  const clock = { nowMs: 1_000_000 }
  const { ask, leases, counts, events } = await linkSceneOf({
    role: 'authoritative',
    clock,
    dhcp: { pool: only },
  })
  const lease = { mac: OTHER, state: 'bound' as const, stage: 'os' as const, expiresAtMs: 9e12, seenAtMs: 0 }
  await leases.commit({ ip: ip('10.77.0.50'), ...lease }, subnetOf())
  const rom = recordedAs('dhcp_ovmf_pxe_discover')
  for (let xid = 1; xid <= 20; xid += 1) {
    expect(await ask({ ...rom, xid })).toBeUndefined()
    clock.nowMs += 15_000
  }
  expect(counts.filter(reason => reason.startsWith('style:'))).toEqual([])
  expect(events).toEqual([])
})
