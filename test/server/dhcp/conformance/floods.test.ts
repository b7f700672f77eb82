import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ServerConfig } from '../../../../config/server.ts'
import { encode } from '../../../../server/dhcp/encode.ts'
import { openLeaseStore } from '../../../../server/dhcp/lease-store.ts'
import { openStateFolder } from '../../../../server/io/state-folder.ts'
import { openSqliteStore } from '../../../../server/store/sqlite.ts'
import { BROADCAST, discover, MACHINE, octets, sceneOf, subnetOf, typeOf } from '../scene.ts'
import { lease, machine, message, unicastFrom } from './machine.ts'

test('F21 RELEASE and DECLINE in the name of a running node leave it its lease', async () => {
  const clock = { nowMs: 0 }
  const scene = await sceneOf(subnetOf(), clock)
  const address = await lease(scene, MACHINE)
  const forged = async () => {
    await scene.ask(message(7, MACHINE, address), unicastFrom(address))
    await scene.ask(message(4, MACHINE, undefined, [[50, octets(address)]]))
  }
  for (let second = 0; second < 60; second += 1) {
    clock.nowMs += 1000
    await scene.serving.extend(MACHINE, address)
    await forged()
  }
  expect(scene.leases.table.leaseAt(address)).toMatchObject({ state: 'bound', mac: MACHINE })
  expect(scene.counts).toContain('ignore: RELEASE in the name of a running node')
  expect(scene.counts).toContain('ignore: DECLINE in the name of a running node')
  // A node that has gone, and said so, is another matter.
  clock.nowMs += 15_000
  await forged()
  expect(scene.leases.table.leaseAt(address)?.state).not.toBe('bound')
})

test('F21 nobody can give back or decline what is not his, however often', async () => {
  const scene = await sceneOf(subnetOf(), { nowMs: 0 })
  const address = await lease(scene, MACHINE)
  for (let index = 0; index < 1000; index += 1) {
    scene.serving.receive(encode(message(7, machine(index), address)), unicastFrom(address))
    scene.serving.receive(encode(message(4, machine(index), undefined, [[50, octets(address)]])), BROADCAST)
  }
  await scene.serving.idle()
  expect([...scene.leases.table.leases()]).toMatchObject([{ ip: address, state: 'bound', mac: MACHINE }])
})

test('F22 made-up machines do not keep the addresses of those whose leases ran out over night', async () => {
  const clock = { nowMs: 0 }
  const subnet = subnetOf({ leaseSeconds: 600 })
  const scene = await sceneOf(subnet, clock)
  const before: string[] = []
  for (let index = 0; index < 50; index += 1) before.push(await lease(scene, machine(index)))
  clock.nowMs += 3_600_000
  for (let index = 0; index < 5000; index += 1)
    scene.serving.receive(encode(discover(machine(1000 + index))), BROADCAST)
  await scene.serving.idle()
  expect(scene.leases.table.openOffers(subnet, clock.nowMs)).toBe(25)
  const after: string[] = []
  for (let index = 0; index < 50; index += 1) after.push(await lease(scene, machine(index)))
  expect(after).toEqual(before)
})

test('F22 100,000 made-up machines: known ones are served, and what is remembered is bounded', async () => {
  const clock = { nowMs: 0 }
  const subnet = subnetOf({ leaseSeconds: 200, offerHoldSeconds: 60 })
  const scene = await sceneOf(subnet, clock)
  const address = await lease(scene, MACHINE)
  const packet = discover(MACHINE)
  for (let index = 0; index < 100_000; index += 1) {
    const chaddr = Uint8Array.from(packet.chaddr)
    chaddr.set([2, (index >> 16) & 255, (index >> 8) & 255, index & 255, 7, 7])
    clock.nowMs += 1
    scene.serving.receive(encode({ ...packet, chaddr, xid: index }), BROADCAST)
    if (index % 10_000 !== 0) continue
    expect(scene.leases.table.openOffers(subnet, clock.nowMs)).toBeLessThanOrEqual(25)
    expect((await scene.ask(discover(MACHINE)))?.yiaddr).toBe(address)
  }
  expect([...scene.leases.table.leases()]).toHaveLength(1)
  const offers = scene.sent.filter(({ packet: reply }) => typeOf(reply) === 2)
  expect(offers.length).toBeLessThan(200)
  expect(scene.lines.filter(line => line.includes('offered and unanswered')).length).toBeLessThanOrEqual(2)
}, 120_000)

test('F24 whatever a client writes into its options, its lease is there after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-lease-'))
  const clock = { nowMs: 1_000_000 }
  const octetsOf = (max: number) => fc.uint8Array({ minLength: 2, maxLength: max }).map(bytes => [...bytes])
  let run = 0
  try {
    await fc.assert(
      fc.asyncProperty(
        octetsOf(255),
        octetsOf(60),
        octetsOf(255),
        octetsOf(40),
        async (id, name, relay, vendor) => {
          run += 1
          const path = join(folder, `${run}.db`)
          const open = () => openSqliteStore({ path, now: () => clock.nowMs })
          const store = open()
          const scene = await sceneOf(subnetOf({ strictClientId: true }), clock, store)
          const address = await lease(scene, MACHINE, [
            [61, id],
            [12, name],
            [82, relay],
            [60, vendor],
          ])
          const before = [...scene.leases.table.leases()]
          await store.close()
          const again = open()
          const counts: string[] = []
          const log = { debug() {}, info() {}, warn() {}, error() {} }
          const read = await openLeaseStore(again, log, (_area, reason) => void counts.push(reason))
          await again.close()
          expect([[...read.table.leases()], counts]).toEqual([before, []])
          expect(read.table.leaseAt(address)?.mac).toBe(MACHINE)
        },
      ),
      { numRuns: 25 },
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('F39 leases and keys are for the owner only, and the admin API is a file, not a port', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-state-'))
  try {
    const paths = await openStateFolder(ServerConfig.parse({ stateDir: join(folder, 'state') }))
    const store = openSqliteStore({ path: paths.database, now: Date.now })
    await store.transact([], [{ kind: 'put', key: 'lease/ip/10.77.0.50', value: {} }])
    const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
    expect(modeOf(paths.stateDir)).toBe('700')
    expect([modeOf(paths.database), modeOf(`${paths.database}-wal`)]).toEqual(['600', '600'])
    expect(paths.adminSocket.startsWith(paths.stateDir)).toBe(true)
    await store.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
