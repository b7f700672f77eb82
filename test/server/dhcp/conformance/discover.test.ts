import { expect, test } from 'vitest'
import { UNSPECIFIED } from '../../../../config/values/ipv4.ts'
import { OPTION } from '../../../../server/dhcp/options/code.ts'
import { readNumber } from '../../../../server/dhcp/options/value.ts'
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
  typeOf,
} from '../scene.ts'
import { lease, machine, message, recorded, withOptions } from './machine.ts'

const SMALL = { pool: { start: '10.77.0.50', end: '10.77.0.52' } }
const requesting = (address: string) => [[OPTION.requestedIp, octets(ip(address))]] as const

test('C031 a DISCOVER gets one OFFER with 53, 54, 51, 58, 59 and 1', async () => {
  const { ask, sent } = await sceneOf(subnetOf(), { nowMs: 0 })
  const offer = await ask(discover(MACHINE))
  expect(sent).toHaveLength(1)
  expect(typeOf(offer)).toBe(2)
  for (const code of [54, 51, 58, 59, 1]) expect(offer?.options.has(code)).toBe(true)
})

test('C033 a DISCOVER again, another xid or not, gets the same address', async () => {
  const clock = { nowMs: 0 }
  const { ask } = await sceneOf(subnetOf(), clock)
  const first = await ask(discover(MACHINE))
  clock.nowMs = 119_000
  const again = await ask({ ...discover(MACHINE), xid: 7 })
  clock.nowMs = 238_000
  const third = await ask(discover(MACHINE))
  expect([again?.yiaddr, third?.yiaddr]).toEqual([first?.yiaddr, first?.yiaddr])
})

test('C034 a thousand machines at once, one server: no address twice, none left out', async () => {
  const [subnet] = subnetsOf({ pool: { start: '10.77.0.2', end: '10.77.0.254' } })
  const wide = {
    ...subnet,
    link: { ...subnet.link, prefixLength: 16 },
    pool: { first: 0x0a4d_0100, last: 0x0a4d_0fff },
  }
  const scene = await sceneOf(wide, { nowMs: 0 })
  const who = Array.from({ length: 1000 }, (_, index) => machine(index))
  const got = await Promise.all(who.map(each => lease({ ask: packet => askOne(scene, packet) }, each)))
  expect(new Set(got).size).toBe(1000)
  expect([...scene.leases.table.leases()]).toHaveLength(1000)
})

/** Like `ask`, for many at once: the reply is the one that carries the machine's address. */
async function askOne(scene: Awaited<ReturnType<typeof sceneOf>>, packet: ReturnType<typeof discover>) {
  const before = scene.sent.length
  await scene.ask(packet)
  const isFor = (chaddr: Uint8Array) => chaddr.every((octet, index) => octet === packet.chaddr[index])
  return scene.sent.slice(before).find(({ packet: reply }) => isFor(reply.chaddr))?.packet
}

test('C036 a machine gets its expired address again, rather than a new one', async () => {
  const clock = { nowMs: 0 }
  const scene = await sceneOf(subnetOf({ leaseSeconds: 300 }), clock)
  const former = await lease(scene, MACHINE, requesting('10.77.0.77'))
  clock.nowMs = 900_000
  const offer = await scene.ask(discover(MACHINE, requesting('10.77.0.60')))
  expect([former, offer?.yiaddr]).toEqual(['10.77.0.77', '10.77.0.77'])
})

test('C037 an address asked for is offered when it is free and in the pool', async () => {
  const { ask } = await sceneOf(subnetOf(), { nowMs: 0 })
  expect((await ask(discover(MACHINE, requesting('10.77.0.91'))))?.yiaddr).toBe('10.77.0.91')
})

test.each([
  ['C038 outside the pool', '10.77.0.200'],
  ['C038 in another network', '192.168.1.5'],
  ['C038 leased to another machine', '10.77.0.60'],
  ['C038 excluded', '10.77.0.61'],
  ['C038 0.0.0.0', '0.0.0.0'],
])('%s: an address asked for is not offered, another one is', async (_name, address) => {
  const scene = await sceneOf(subnetOf({ exclude: ['10.77.0.61'] }), { nowMs: 0 })
  await lease(scene, OTHER, requesting('10.77.0.60'))
  const offer = await scene.ask(discover(MACHINE, requesting(address)))
  expect(typeOf(offer)).toBe(2)
  expect(offer?.yiaddr).not.toBe(address)
})

test('C039 a reservation wins over the address asked for', async () => {
  const subnet = subnetOf({ reservations: [{ mac: MACHINE, ip: '10.77.0.7' }] })
  const { ask } = await sceneOf(subnet, { nowMs: 0 })
  expect((await ask(discover(MACHINE, requesting('10.77.0.60'))))?.yiaddr).toBe('10.77.0.7')
})

test('C041 an offer that is not taken up is free again when its hold is over', async () => {
  const clock = { nowMs: 0 }
  const { ask } = await sceneOf(subnetOf({ pool: { start: '10.77.0.50', end: '10.77.0.50' } }), clock)
  expect((await ask(discover(MACHINE)))?.yiaddr).toBe('10.77.0.50')
  clock.nowMs = 119_000
  expect(await ask(discover(OTHER))).toBeUndefined()
  clock.nowMs = 120_000
  expect((await ask(discover(OTHER)))?.yiaddr).toBe('10.77.0.50')
})

test.each([
  ['C044 a wish for less is followed', 600, 600],
  ['C044 one for next to nothing gets two minutes', 1, 120],
  ['C044 one for more gets what is configured', 99_999, 43_200],
  ['C044 one for ever gets what is configured', 0xffff_ffff, 43_200],
])('%s', async (_name, wishSeconds, gotSeconds) => {
  const { ask } = await sceneOf(subnetOf(), { nowMs: 0 })
  const wish = [24, 16, 8, 0].map(shift => (wishSeconds >>> shift) & 255)
  const offer = await ask(discover(MACHINE, [[OPTION.leaseSeconds, wish]]))
  expect(readNumber(offer?.options.get(OPTION.leaseSeconds))).toBe(gotSeconds)
})

test('C047 what is asked for and what is vital, each once; nothing else', async () => {
  const { ask } = await sceneOf(subnetOf({ domain: 'lan.example.org' }), { nowMs: 0 })
  const offer = await ask(discover(MACHINE, [[OPTION.parameterList, [6, 6, 1]]]))
  expect([...(offer?.options.keys() ?? [])].sort((a, b) => a - b)).toEqual([1, 6, 28, 51, 53, 54, 58, 59])
})

test('C048 garbage in the list of parameters means nothing: OVMF asks for option 235', async () => {
  const { ask } = await sceneOf(subnetOf(), { nowMs: 0 })
  const packet = recorded('dhcp_ovmf_http_discover')
  expect([...(packet.options.get(OPTION.parameterList) ?? [])]).toContain(0xeb)
  const offer = await ask(packet)
  expect(typeOf(offer)).toBe(2)
  expect(offer?.options.has(0xeb)).toBe(false)
  expect(typeOf(await ask(discover(OTHER, [[OPTION.parameterList, [0, 255, 255, 250, 251]]])))).toBe(2)
})

test('C049 without a list everything that is configured is sent', async () => {
  const { ask } = await sceneOf(subnetOf({ domain: 'lan.example.org' }), { nowMs: 0 })
  const offer = await ask(discover(MACHINE))
  for (const code of [1, 3, 6, 15, 28]) expect(offer?.options.has(code)).toBe(true)
})

test('configured options are sent when asked for, or always where it says so', async () => {
  const options = [
    { code: 42, ips: ['10.77.0.9'] },
    { code: 150, ips: ['10.77.0.8'], always: true },
    { code: 209, text: 'pxelinux.cfg' },
  ]
  const { ask } = await sceneOf(subnetOf({ options }), { nowMs: 0 })
  const some = await ask(discover(MACHINE, [[OPTION.parameterList, [42]]]))
  expect(some?.options.get(42)).toEqual(Uint8Array.of(10, 77, 0, 9))
  expect([some?.options.has(150), some?.options.has(209)]).toEqual([true, false])
})

test('a BOOTP client with a reservation is served for good, others are not', async () => {
  const reservations = [{ mac: MACHINE, ip: '10.77.0.7' }]
  const bootp = (who: typeof MACHINE) => ({ ...message(1, who), options: new Map() })
  const { ask, sent, counts, leases } = await sceneOf(subnetOf({ reservations, bootp: true }), { nowMs: 0 })
  const reply = await ask(bootp(MACHINE))
  expect(reply).toMatchObject({ yiaddr: '10.77.0.7', siaddr: '10.77.0.1', file: 'snponly-x64.efi' })
  expect(sent[0]?.bytes).toHaveLength(300)
  for (const code of [51, 53, 54]) expect(reply?.options.has(code)).toBe(false)
  expect(await ask(bootp(OTHER))).toBeUndefined()
  expect(counts).toContain('ignore: BOOTP client without a reservation')
  expect([...leases.table.leases()]).toMatchObject([
    { ip: '10.77.0.7', expiresAtMs: Number.MAX_SAFE_INTEGER },
  ])
  const off = await sceneOf(subnetOf({ reservations }), { nowMs: 0 })
  expect(await off.ask(bootp(MACHINE))).toBeUndefined()
})

test('InfiniBand, which has no address in the header, leases by its client id', async () => {
  const { ask, leases } = await sceneOf(subnetOf(SMALL), { nowMs: 0 })
  const port = (id: number) => ({
    ...withOptions(message(1, MACHINE), [[61, [255, 0, 0, 0, id, 9, 9]]]),
    ...{ htype: 32, hlen: 0, chaddr: new Uint8Array(16) },
  })
  const [one, two] = [await ask(port(1)), await ask(port(2))]
  expect(one?.yiaddr).not.toBe(two?.yiaddr)
  expect((await ask(port(1)))?.yiaddr).toBe(one?.yiaddr)
  const taking = select(MACHINE, one?.yiaddr ?? UNSPECIFIED)
  await ask({ ...port(1), options: new Map([...port(1).options, ...taking.options]) })
  expect([...leases.table.leases()]).toMatchObject([{ ip: one?.yiaddr, identity: 'id:ff00000001' + '0909' }])
})
