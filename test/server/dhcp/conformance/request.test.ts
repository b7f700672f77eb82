import { expect, test } from 'vitest'
import { UNSPECIFIED } from '../../../../config/values/ipv4.ts'
import { OPTION } from '../../../../server/dhcp/options/code.ts'
import { readNumber } from '../../../../server/dhcp/options/value.ts'
import { createMemoryStore } from '../../../../server/store/memory.ts'
import type { Store } from '../../../../server/store/store.ts'
import {
  discover,
  ip,
  MACHINE,
  OTHER,
  octets,
  sceneOf,
  select,
  subnetOf,
  subnetsOf,
  TO_ALL,
  typeOf,
} from '../scene.ts'
import { lease, message, reboot, recorded, unicastFrom, wireCodes } from './machine.ts'

const [ACK, NAK] = [5, 6]

test('C054 any address of this server is taken for us, another server is not', async () => {
  const subnet = { ...subnetOf(), ownAddresses: new Set([ip('10.77.0.1'), ip('192.168.5.1')]) }
  const { ask } = await sceneOf(subnet, { nowMs: 0 })
  const offer = await ask(discover(MACHINE))
  const address = offer?.yiaddr ?? UNSPECIFIED
  expect(typeOf(await ask(select(MACHINE, address, ip('192.168.5.1'))))).toBe(ACK)
  expect(await ask(select(MACHINE, address, ip('192.168.5.2')))).toBeUndefined()
})

test('C056 a known machine that reboots on the wrong subnet gets a NAK, broadcast', async () => {
  const scene = await sceneOf(subnetOf({ authoritative: false }), { nowMs: 0 })
  await lease(scene, MACHINE)
  expect(typeOf(await scene.ask(reboot(MACHINE, ip('192.168.9.9'))))).toBe(NAK)
  expect(scene.sent.at(-1)?.to).toEqual(TO_ALL)
})

test.each([
  ['C057 of this network', '10.77.0.60'],
  ['C057 of another network', '192.168.9.9'],
])(
  '%s: an unknown machine that reboots hears nothing from a server that is not authoritative',
  async (_, address) => {
    const { ask, counts } = await sceneOf(subnetOf({ authoritative: false }), { nowMs: 0 })
    expect(await ask(reboot(MACHINE, ip(address)))).toBeUndefined()
    expect(counts).toContain('ignore: no record of this machine')
  },
)

test('C058 an unknown machine is refused or adopted by an authoritative server', async () => {
  const { ask } = await sceneOf(subnetOf(), { nowMs: 0 })
  expect(typeOf(await ask(reboot(MACHINE, ip('192.168.9.9'))))).toBe(NAK)
  expect(typeOf(await ask(reboot(MACHINE, ip('10.77.0.60'))))).toBe(ACK)
  expect(typeOf(await ask(reboot(OTHER, ip('10.77.0.60'))))).toBe(NAK)
})

test.each([
  ['C059 RENEWING, by unicast', 'unicast' as const],
  ['C060 REBINDING, by broadcast', 'broadcast' as const],
])('%s: the lease is extended and the ACK goes to ciaddr', async (_name, delivery) => {
  const clock = { nowMs: 0 }
  const scene = await sceneOf(subnetOf({ leaseSeconds: 1000 }), clock)
  const address = await lease(scene, MACHINE)
  clock.nowMs = 500_000
  const ack = await scene.ask(message(3, MACHINE, address), { address, port: 68, delivery })
  expect([typeOf(ack), ack?.ciaddr, ack?.yiaddr]).toEqual([ACK, address, address])
  expect(scene.sent.at(-1)?.to).toEqual({ address, port: 68 })
  expect(scene.leases.table.leaseAt(address)?.expiresAtMs).toBe(1_500_000)
})

test('C064 a NAK has 53, 54, 56, 61 and 82, no lease time, and no address but the relay', async () => {
  const { ask, sent } = await sceneOf(subnetOf(), { nowMs: 0 })
  const wrong = message(3, MACHINE, UNSPECIFIED, [
    [OPTION.requestedIp, octets(ip('10.77.0.200'))],
    [OPTION.serverId, octets(ip('10.77.0.1'))],
    [OPTION.clientId, [1, 2, 3]],
    [OPTION.machineId, [0, ...Array(16).fill(7)]],
    [OPTION.relayAgent, [1, 2, 8, 9]],
  ])
  const nak = await ask({ ...wrong, giaddr: ip('10.77.0.9') })
  expect(nak).toMatchObject({ yiaddr: '0.0.0.0', siaddr: '0.0.0.0', ciaddr: '0.0.0.0', file: '', sname: '' })
  expect(wireCodes(sent[0]?.bytes ?? new Uint8Array())).toEqual([53, 54, 56, 61, 82])
})

test('C065 a NAK without a relay is broadcast, also to a client that can take unicast', async () => {
  const { ask, sent } = await sceneOf(subnetOf(), { nowMs: 0 })
  const wrong = message(3, MACHINE, ip('10.77.0.200'))
  expect(typeOf(await ask(wrong, unicastFrom(ip('10.77.0.200'))))).toBe(NAK)
  expect(sent[0]?.to).toEqual(TO_ALL)
  expect(sent[0]?.packet.flags).toBe(0)
})

test('C070 a released address is free for others, and its machine gets it again if nobody took it', async () => {
  const scene = await sceneOf(subnetOf({ pool: { start: '10.77.0.50', end: '10.77.0.50' } }), { nowMs: 0 })
  const address = await lease(scene, MACHINE)
  expect(await scene.ask(discover(OTHER))).toBeUndefined()
  await scene.ask(message(7, MACHINE, address), unicastFrom(address))
  expect(scene.leases.table.leaseAt(address)).toMatchObject({ state: 'released', mac: MACHINE })
  expect((await scene.ask(discover(MACHINE)))?.yiaddr).toBe(address)
  await scene.ask(select(MACHINE, address, ip('10.77.0.99')))
  expect((await scene.ask(discover(OTHER)))?.yiaddr).toBe(address)
})

test('C072 INFORM is answered at ciaddr, with parameters and no lease', async () => {
  const { ask, sent, leases } = await sceneOf(subnetOf(), { nowMs: 0 })
  const asked = { ...recorded('dhcp_dhcping_inform_inform'), ciaddr: ip('10.77.0.20') }
  const ack = await ask(asked, unicastFrom(ip('10.77.0.20'), 1068))
  expect([typeOf(ack), ack?.yiaddr]).toEqual([ACK, '0.0.0.0'])
  for (const code of [51, 58, 59]) expect(ack?.options.has(code)).toBe(false)
  expect(sent[0]?.to).toEqual({ address: '10.77.0.20', port: 68 })
  expect([...leases.table.leases()]).toEqual([])
})

test('C073 T1 is half of the lease, T2 seven eighths', async () => {
  const { ask } = await sceneOf(subnetOf({ leaseSeconds: 3600 }), { nowMs: 0 })
  const offer = await ask(discover(MACHINE))
  expect([51, 58, 59].map(code => readNumber(offer?.options.get(code)))).toEqual([3600, 1800, 3150])
})

test('C074 a lease of 0xffffffff seconds never ends, also after a restart', async () => {
  const clock = { nowMs: 1_000_000 }
  const store = createMemoryStore({ now: () => clock.nowMs })
  const subnet = subnetOf({ leaseSeconds: 0xffff_ffff })
  const scene = await sceneOf(subnet, clock, store)
  const address = await lease(scene, MACHINE)
  expect(readNumber(scene.sent.at(-1)?.packet.options.get(51))).toBe(0xffff_ffff)
  clock.nowMs = 2 ** 42
  const later = await sceneOf(subnet, clock, store)
  expect(typeOf(await later.ask(reboot(OTHER, address)))).toBe(NAK)
  expect((await later.ask(discover(MACHINE)))?.yiaddr).toBe(address)
})

const BOOT_IDS = [[], [[61, [1, 0x52, 0x54, 0, 0x77, 0, 1]]], [[61, [255, 1, 2, 3, 4, 5]]]] as const

test('C077 by client id, as strictClientId says, the three stages of one boot are three clients', async () => {
  const strict = await sceneOf(subnetOf({ strictClientId: true }), { nowMs: 0 })
  const byId = []
  for (const options of BOOT_IDS) byId.push(await lease(strict, MACHINE, options))
  expect(new Set(byId).size).toBe(3)
  const plain = await sceneOf(subnetOf(), { nowMs: 0 })
  const byMac = []
  for (const options of BOOT_IDS) byMac.push(await lease(plain, MACHINE, options))
  expect(new Set(byMac).size).toBe(1)
})

test('C078 one machine in two subnets has two leases, and keeps both', async () => {
  const [local, far] = subnetsOf({ relayed: [{ subnet: '10.80.0.0/24' }] })
  if (far === undefined) throw new Error('no relayed subnet')
  const clock = { nowMs: 0 }
  const scene = await sceneOf(local, clock, undefined, undefined, { relayed: [far] })
  const here = await lease(scene, MACHINE)
  const there = await lease(scene, MACHINE, [], { giaddr: ip('10.80.0.1') })
  expect([here, there]).toEqual([
    expect.stringMatching(/^10\.77\.0\./),
    expect.stringMatching(/^10\.80\.0\./),
  ])
  clock.nowMs = 600_000
  expect((await scene.ask(discover(MACHINE)))?.yiaddr).toBe(here)
  expect((await scene.ask({ ...discover(MACHINE), giaddr: ip('10.80.0.1') }))?.yiaddr).toBe(there)
  expect([...scene.leases.table.leases()]).toHaveLength(2)
})

test('C079 a server that dies between commit and ACK knows the lease afterwards', async () => {
  const clock = { nowMs: 0 }
  const store = createMemoryStore({ now: () => clock.nowMs })
  const dying: Store = {
    ...store,
    async transact(conditions, writes) {
      await store.transact(conditions, writes)
      return new Promise(() => {}) // dead: the outcome reaches nobody
    },
  }
  const first = await sceneOf(subnetOf(), clock, dying)
  const offer = await first.ask(discover(MACHINE))
  const address = offer?.yiaddr ?? UNSPECIFIED
  void first.ask(select(MACHINE, address))
  await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => setImmediate(resolve))
  expect(first.sent).toHaveLength(1)
  const second = await sceneOf(subnetOf(), clock, store)
  expect(second.leases.table.leaseAt(address)?.mac).toBe(MACHINE)
  expect(typeOf(await second.ask(select(OTHER, address)))).toBe(NAK)
  expect(typeOf(await second.ask(select(MACHINE, address)))).toBe(ACK)
})

test.each([9, 10, 14, 255, 0])('C080 message type %i is dropped', async type => {
  const { ask, counts } = await sceneOf(subnetOf(), { nowMs: 0 })
  expect(await ask(message(type, MACHINE))).toBeUndefined()
  expect(counts).toEqual(['dropped: a message type we do not serve'])
})

test('a lease on disk that outlives the promise is not written again, and no more is promised than it holds', async () => {
  const clock = { nowMs: 0 }
  const store = createMemoryStore({ now: () => clock.nowMs })
  let writes = 0
  const counting: Store = {
    ...store,
    transact: (conditions, changes) => {
      writes += 1
      return store.transact(conditions, changes)
    },
  }
  const scene = await sceneOf(subnetOf({ leaseSeconds: 1000 }), clock, counting)
  const again = async () => {
    await lease(scene, MACHINE, [], { xid: clock.nowMs })
    return readNumber(scene.sent.at(-1)?.packet.options.get(51))
  }
  expect([await again(), writes]).toEqual([1000, 1])
  clock.nowMs = 240_000
  expect([await again(), writes]).toEqual([760, 1])
  clock.nowMs = 260_000
  expect([await again(), writes]).toEqual([1000, 2])
})
