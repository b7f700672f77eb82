import { expect, test } from 'vitest'
import { UNSPECIFIED } from '../../../../config/values/ipv4.ts'
import { OPTION } from '../../../../server/dhcp/options/code.ts'
import { discover, ip, MACHINE, sceneOf, select, subnetOf, subnetsOf, TO_ALL, typeOf } from '../scene.ts'
import { lease, machine, message, unicastFrom, wireOptions, withOptions } from './machine.ts'

const FAR = '10.80.0.0/24'
const RELAY = ip('10.77.0.9')
const FROM_RELAY = unicastFrom(ip('10.77.0.8'), 67)

async function relayedScene(clock = { nowMs: 0 }, dhcp = {}) {
  const [local, ...relayed] = subnetsOf({ relayed: [{ subnet: FAR, router: '10.80.0.254' }], ...dhcp })
  return sceneOf(local, clock, undefined, undefined, { relayed })
}

const relayed = (packet: ReturnType<typeof discover>, giaddr = RELAY) => ({ ...packet, giaddr, hops: 1 })

test('C081 what came through a relay goes back to giaddr:67, not to the source', async () => {
  const { ask, sent } = await relayedScene()
  await ask(relayed(discover(MACHINE)), unicastFrom(ip('10.77.0.8'), 1067))
  expect(sent.map(({ to }) => to)).toEqual([{ address: RELAY, port: 67 }])
})

test('C082 a client that set the broadcast flag gets its OFFER and ACK by broadcast', async () => {
  const scene = await sceneOf(subnetOf(), { nowMs: 0 })
  await lease(scene, MACHINE, [], { flags: 0x8000 })
  expect(scene.sent.map(({ to, packet }) => [to, packet.flags])).toEqual([
    [TO_ALL, 0x8000],
    [TO_ALL, 0x8000],
  ])
})

test('C083 without the flag too, for it has no address yet; the flag is left as it came', async () => {
  const scene = await sceneOf(subnetOf(), { nowMs: 0 })
  await lease(scene, MACHINE)
  expect(scene.sent.map(({ to, packet }) => [to, packet.flags])).toEqual([
    [TO_ALL, 0],
    [TO_ALL, 0],
  ])
})

test('C084 a client that has its address gets the ACK by unicast, port 68', async () => {
  const scene = await sceneOf(subnetOf(), { nowMs: 0 })
  const address = await lease(scene, MACHINE)
  await scene.ask({ ...message(3, MACHINE, address), flags: 0x8000 }, unicastFrom(address, 1068))
  expect(scene.sent.at(-1)?.to).toEqual({ address, port: 68 })
})

test('C087 option 82 comes back byte for byte, all instances joined, as the last option', async () => {
  const { ask, sent } = await relayedScene()
  const info = [1, 4, 0, 255, 0, 9, 2, 3, 0xde, 0xad, 0, 151, 2, 0, 1, 99, 0]
  const long = [...Array(300).keys()].map(value => value & 255)
  for (const value of [info, [1, 150, ...long.slice(0, 150), 2, 146, ...long.slice(0, 146)]]) {
    await ask(
      relayed(
        withOptions(discover(MACHINE), [
          [82, value],
          [61, [1, 2, 3]],
        ]),
      ),
      FROM_RELAY,
    )
    const options = wireOptions(sent.at(-1)?.bytes ?? new Uint8Array())
    const echoed = options.filter(({ code }) => code === 82)
    expect(echoed.flatMap(tlv => [...tlv.value])).toEqual(value)
    expect(options.slice(-echoed.length).every(({ code }) => code === 82)).toBe(true)
  }
})

test('C088 the network that the relay selects (82.5) is leased from, the answer goes to giaddr', async () => {
  const { ask, sent } = await relayedScene()
  const offer = await ask(relayed(discover(MACHINE, [[82, [5, 4, 10, 80, 0, 0]]])), FROM_RELAY)
  expect(offer?.yiaddr).toMatch(/^10\.80\.0\./)
  expect(offer?.options.get(OPTION.router)).toEqual(Uint8Array.of(10, 80, 0, 254))
  expect(sent[0]?.to).toEqual({ address: RELAY, port: 67 })
})

test('C089 the network that the client selects (118) is leased from, and 118 comes back', async () => {
  const { ask } = await relayedScene()
  const offer = await ask(relayed(discover(MACHINE, [[118, [10, 80, 0, 0]]])), FROM_RELAY)
  expect(offer?.yiaddr).toMatch(/^10\.80\.0\./)
  expect(offer?.options.get(118)).toEqual(Uint8Array.of(10, 80, 0, 0))
  const other = { giaddr: RELAY, who: machine(1) }
  const both = await ask(
    relayed(
      discover(other.who, [
        [118, [10, 80, 0, 0]],
        [82, [5, 4, 10, 77, 0, 0]],
      ]),
    ),
    FROM_RELAY,
  )
  expect(both?.yiaddr).toMatch(/^10\.77\.0\./)
  expect(both?.options.has(118)).toBe(false)
})

test("C090 the relay's name for us (82.11) is our server id, and means us", async () => {
  const { ask } = await relayedScene()
  const override: [number, number[]] = [82, [11, 4, 10, 77, 0, 9]]
  const offer = await ask(relayed(discover(MACHINE, [override])), FROM_RELAY)
  expect(offer?.options.get(OPTION.serverId)).toEqual(Uint8Array.of(10, 77, 0, 9))
  const address = offer?.yiaddr ?? UNSPECIFIED
  const taken = withOptions(select(MACHINE, address, RELAY), [override])
  expect(typeOf(await ask(relayed(taken), FROM_RELAY))).toBe(5)
  // Without the relay it is only somebody else's address.
  expect(await ask(select(MACHINE, address, RELAY))).toBeUndefined()
})

test('C091 a relay of an unknown network is dropped, and told of once a minute', async () => {
  const clock = { nowMs: 0 }
  const { ask, counts, lines } = await relayedScene(clock)
  const stranger = relayed(discover(MACHINE), ip('203.0.113.7'))
  for (let packet = 0; packet < 5; packet += 1) expect(await ask(stranger, FROM_RELAY)).toBeUndefined()
  clock.nowMs = 59_999
  await ask(stranger, FROM_RELAY)
  const told = () => lines.filter(line => line.includes('dhcp.relayed')).length
  expect([counts.length, told()]).toEqual([6, 1])
  clock.nowMs = 60_000
  await ask(stranger, FROM_RELAY)
  expect(told()).toBe(2)
  expect(new Set(counts)).toEqual(new Set(['dropped: no subnet of ours']))
})

test('a relay that cannot use port 67 (82.19) is answered at the port it sent from', async () => {
  const { ask, sent } = await relayedScene()
  await ask(relayed(discover(MACHINE, [[82, [19, 0]]])), unicastFrom(ip('10.77.0.9'), 40_067))
  expect(sent[0]?.to).toEqual({ address: RELAY, port: 40_067 })
})

test('a renewal by unicast from behind a relay finds its subnet by its own address', async () => {
  const scene = await relayedScene()
  const address = await lease(scene, MACHINE, [], { giaddr: ip('10.80.0.1') })
  const ack = await scene.ask(message(3, MACHINE, address), unicastFrom(address))
  expect([typeOf(ack), ack?.yiaddr]).toEqual([5, address])
  expect(scene.sent.at(-1)?.to).toEqual({ address, port: 68 })
})

test('subnets that overlap, or have a wrong part, are told of by name', () => {
  const wrong = [{ subnet: '10.77.0.128/25' }, { subnet: FAR, router: '10.9.9.9' }]
  expect(() => subnetsOf({ relayed: wrong })).toThrow(
    'dhcp.relayed.1: dhcp.router: 10.9.9.9 is not in 10.80.0.0/24; dhcp.relayed: 10.77.0.0/24 and 10.77.0.128/25 overlap',
  )
})
