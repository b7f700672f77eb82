import { describe, expect, test } from 'vitest'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import type { Source } from '../../../server/dhcp/packet.ts'
import { linkSceneOf, PROXY } from './link-scene.ts'
import { recordedAs } from './recorded.ts'
import { ip, OTHER, octets, packetOf, subnetOf, textOption, typeOf } from './scene.ts'

const CLIENT = ip('10.77.0.50')
const FROM_4011: Source = { address: CLIENT, port: 4011, delivery: 'unicast' }
const FROM_68: Source = { ...FROM_4011, port: 68 }
const ROM = recordedAs('dhcp_ovmf_pxe_request_4011')
const LOADER = recordedAs('dhcp_ovmf_pxe_ipxe_request_4011')
const ACK = 5

/** The recorded request with a boot item of type 0x8000 and this layer. */
function withItem(layer: readonly [number, number]) {
  const item = Uint8Array.of(71, 4, 0x80, 0, ...layer, 0xff)
  return { ...ROM, options: new Map([...ROM.options, [OPTION.vendorSpecific, item] as const]) }
}

test('C106 a request from port 4011 is answered at 4011, one from 68 at 68', async () => {
  const { askBootServer } = await linkSceneOf()
  expect((await askBootServer(ROM, FROM_4011))?.to).toEqual({ address: CLIENT, port: 4011 })
  const loader = await askBootServer(LOADER, FROM_68)
  expect([loader?.to, loader?.packet.file]).toEqual([
    { address: CLIENT, port: 68 },
    'http://10.77.0.2:8080/boot.ipxe',
  ])
})

test('C106 one from 0.0.0.0 is answered at its ciaddr, port 68', async () => {
  const { askBootServer } = await linkSceneOf()
  const nowhere: Source = { ...FROM_68, address: ip('0.0.0.0') }
  expect((await askBootServer({ ...ROM, ciaddr: CLIENT }, nowhere))?.to).toEqual({
    address: CLIENT,
    port: 68,
  })
})

test('C107 the answer is an ACK with file, siaddr, 54, 60 and 97', async () => {
  const { askBootServer, events } = await linkSceneOf()
  const { packet, port } = (await askBootServer(ROM, FROM_4011)) ?? {}
  expect([typeOf(packet), port]).toEqual([ACK, 4011])
  expect([packet?.file, packet?.siaddr, packet?.ciaddr, packet?.yiaddr]).toEqual([
    'snponly-x64.efi',
    PROXY,
    CLIENT,
    '0.0.0.0',
  ])
  expect(packet?.options.get(OPTION.serverId)).toEqual(Uint8Array.from(octets(PROXY)))
  expect(textOption(packet, OPTION.vendorClass)).toBe('PXEClient')
  expect(packet?.options.get(OPTION.machineId)).toEqual(ROM.options.get(OPTION.machineId))
  expect(events).toMatchObject([{ stage: 'dhcp-ack', ip: CLIENT }])
})

test.each([
  ['DISCOVER', 1],
  ['INFORM', 8],
])('the %s of an old ROM gets an ACK too', async (_name, type) => {
  const { askBootServer } = await linkSceneOf()
  const options = new Map([...ROM.options, [OPTION.messageType, Uint8Array.of(type)] as const])
  expect(typeOf((await askBootServer({ ...ROM, options }, FROM_68))?.packet)).toBe(ACK)
})

test('C108 the boot item that was asked for comes back with its type and layer', async () => {
  const { askBootServer } = await linkSceneOf()
  const sent = await askBootServer(withItem([0, 3]), FROM_4011)
  expect(sent?.packet.options.get(OPTION.vendorSpecific)).toEqual(Uint8Array.of(71, 4, 0x80, 0, 0, 3, 0xff))
})

test('C109 a request for credentials (layer bit 15) gets no answer', async () => {
  const { askBootServer, counts } = await linkSceneOf()
  expect(await askBootServer(withItem([0x80, 0]), FROM_4011)).toBeUndefined()
  expect(counts).toContain('dropped: wants credentials')
})

describe('C110 dropped', () => {
  const system = packetOf({ ciaddr: CLIENT, options: [[OPTION.messageType, [3]]] })
  test.each<[string, typeof ROM, Source, string]>([
    ['C110 a client that is no PXE client', system, FROM_68, 'not a PXE client'],
    [
      'C110 a source that is not the ciaddr',
      ROM,
      { ...FROM_4011, address: ip('10.77.0.51') },
      'source is not the client address',
    ],
    [
      'C110 an address outside our network',
      { ...ROM, ciaddr: ip('192.0.2.1') },
      { ...FROM_4011, address: ip('192.0.2.1') },
      'not an address of ours',
    ],
    [
      'C110 our own address',
      { ...ROM, ciaddr: PROXY },
      { ...FROM_4011, address: PROXY },
      'not an address of ours',
    ],
    ['C110 a port of another service', ROM, { ...FROM_4011, port: 53 }, 'not a client port'],
    [
      'C110 no address at all',
      packetOf({ options: [...ROM.options].map(([code, value]) => [code, [...value]]) }),
      { ...FROM_68, address: ip('0.0.0.0') },
      'not an address of ours',
    ],
  ])('%s', async (_name, packet, source, reason) => {
    const { askBootServer, counts } = await linkSceneOf()
    expect(await askBootServer(packet, source)).toBeUndefined()
    expect(counts).toContain(`dropped: ${reason}`)
  })
})

test('C085 what port 4011 is asked is answered from 4011, what 67 is asked from 67', async () => {
  const { ask, askBootServer } = await linkSceneOf()
  expect((await ask(recordedAs('dhcp_ovmf_pxe_discover')))?.port).toBe(67)
  expect((await askBootServer(ROM, FROM_4011))?.port).toBe(4011)
})

test('a Raspberry Pi, whose REQUEST says nothing of PXE, is answered by its address block', async () => {
  const { askBootServer } = await linkSceneOf()
  const chaddr = Uint8Array.of(0xdc, 0xa6, 0x32, 1, 2, 3, ...new Uint8Array(10))
  const packet = { ...packetOf({ ciaddr: CLIENT, options: [[OPTION.messageType, [3]]] }), chaddr }
  expect((await askBootServer(packet, FROM_68))?.packet.file).toBe('snponly-x64.efi')
})

test('it is open while we lease addresses too, and closed until we know what we are', async () => {
  const { askBootServer, state } = await linkSceneOf({ role: 'authoritative' })
  expect(typeOf((await askBootServer(ROM, FROM_4011))?.packet)).toBe(ACK)
  state.role = 'nothing'
  expect(await askBootServer(ROM, FROM_4011)).toBeUndefined()
})

test('who leased the address last counts for more than who once asked port 4011 from it', async () => {
  const { askBootServer, leases, parts, state } = await linkSceneOf()
  await askBootServer(ROM, FROM_4011)
  const before = await parts.machineAt(CLIENT)
  const subnet = subnetOf()
  await leases.commit(
    { ip: CLIENT, mac: OTHER, state: 'bound', stage: 'os', expiresAtMs: 9e12, seenAtMs: 0 },
    subnet,
  )
  expect(await parts.machineAt(CLIENT)).toBe(before)
  state.role = 'authoritative'
  expect(await parts.machineAt(CLIENT)).toBe(OTHER)
})
