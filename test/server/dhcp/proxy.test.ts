import { describe, expect, test } from 'vitest'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import type { DhcpPacket } from '../../../server/dhcp/packet.ts'
import { linkSceneOf, PROXY } from './link-scene.ts'
import { recordedAs } from './recorded.ts'
import { BROADCAST, discover, ip, MACHINE, octets, select, TO_ALL, textOption, typeOf } from './scene.ts'

const CLIENT = { address: ip('10.77.0.50'), port: 67, delivery: 'unicast' as const }
const OFFER = 2
const ACK = 5
/** 51, 1, 3, 6, 58, 59: what only the server of an address may say. */
const LEASE_OPTIONS = [1, 3, 6, 51, 58, 59]
const romDiscover = recordedAs('dhcp_ovmf_pxe_discover')
const loaderDiscover = recordedAs('dhcp_ovmf_pxe_ipxe_discover')

/** The recorded REQUEST of a ROM to `server`. */
function romRequest(server = PROXY) {
  const packet = recordedAs('dhcp_ovmf_pxe_request')
  const chosen = [
    [OPTION.requestedIp, Uint8Array.from(octets(ip('10.77.0.50')))],
    [OPTION.serverId, Uint8Array.from(octets(server))],
  ] as const
  return { ...packet, options: new Map([...packet.options, ...chosen]) }
}

/** As a client asks that has an address already. */
function withoutRequestedIp(packet: DhcpPacket, ciaddr: Ipv4): DhcpPacket {
  const options = new Map(packet.options)
  options.delete(OPTION.requestedIp)
  return { ...packet, ciaddr, options }
}

test('C103 a proxy OFFER has no address and no lease, but who we are and what to boot', async () => {
  const { ask, leases } = await linkSceneOf()
  const sent = await ask(romDiscover)
  expect(typeOf(sent?.packet)).toBe(OFFER)
  expect([sent?.packet.yiaddr, sent?.packet.ciaddr, sent?.packet.siaddr]).toEqual([
    '0.0.0.0',
    '0.0.0.0',
    PROXY,
  ])
  for (const code of LEASE_OPTIONS) expect(sent?.packet.options.has(code)).toBe(false)
  expect(textOption(sent?.packet, OPTION.vendorClass)).toBe('PXEClient')
  expect(sent?.packet.options.get(OPTION.serverId)).toEqual(Uint8Array.from(octets(PROXY)))
  expect(sent?.to).toEqual(TO_ALL)
  expect([...leases.table.leases()]).toEqual([])
})

describe('C104 a proxy ignores', () => {
  test.each([
    ['C104 the DISCOVER of a system', discover(MACHINE), 'proxy ignore: not a boot client'],
    ['C104 the REQUEST of a system', select(MACHINE, ip('10.77.0.50')), 'proxy ignore: not a boot client'],
    [
      "C104 a ROM's REQUEST for another server",
      romRequest(ip('10.77.0.1')),
      'proxy ignore: REQUEST for another server',
    ],
    ['C104 a recorded dhclient', recordedAs('dhcp_dhclient_discover'), 'proxy ignore: not a boot client'],
    ['C104 a recorded udhcpc', recordedAs('dhcp_udhcpc_request'), 'proxy ignore: not a boot client'],
  ] as const)('%s', async (_name, packet, reason) => {
    const { ask, counts } = await linkSceneOf()
    expect(await ask(packet)).toBeUndefined()
    expect(counts).toContain(reason)
  })
})

test('a REQUEST for the proxy itself gets the same once more, and no NAK ever', async () => {
  const { ask } = await linkSceneOf()
  const offer = await ask(romDiscover)
  const ack = await ask(romRequest())
  expect(typeOf(ack?.packet)).toBe(ACK)
  expect([ack?.packet.yiaddr, ack?.packet.file]).toEqual(['0.0.0.0', offer?.packet.file])
})

describe('C105', () => {
  test('C105 a relayed ROM is answered through its relay', async () => {
    const relayed = [{ subnet: '10.9.0.0/24' }]
    const { ask } = await linkSceneOf({ dhcp: { relayed } })
    const relay = { address: ip('10.9.0.1'), port: 67, delivery: 'unicast' as const }
    const sent = await ask({ ...romDiscover, giaddr: ip('10.9.0.1'), hops: 1 }, relay)
    expect(sent?.to).toEqual({ address: '10.9.0.1', port: 67 })
    expect([sent?.packet.giaddr, sent?.packet.hops]).toEqual(['10.9.0.1', 0])
  })

  test('C105 iPXE gets 60, siaddr and its script in `file`, which makes it take us as a proxy', async () => {
    const { ask, events } = await linkSceneOf()
    const { packet } = (await ask(loaderDiscover)) ?? {}
    expect(textOption(packet, OPTION.vendorClass)).toBe('PXEClient')
    expect([packet?.siaddr, packet?.file]).toEqual([PROXY, 'http://10.77.0.2:8080/boot.ipxe'])
    expect(packet?.options.has(OPTION.vendorSpecific)).toBe(false)
    expect(events.map(event => [event.stage, event.detail])).toEqual([
      ['ipxe', 'ipxe x64 -> http://10.77.0.2:8080/boot.ipxe'],
    ])
  })
})

describe('nobody can have a proxy send to', () => {
  const stranger = ip('203.0.113.5')
  const source = { address: ip('198.51.100.7'), port: 53, delivery: 'unicast' as const }
  test.each([
    ['a relay of none of our networks', { ...romDiscover, giaddr: stranger }, source],
    ['a client of none of our networks, by unicast', { ...romRequest(), ciaddr: stranger }, source],
    ['a client of none of our networks, by broadcast', withoutRequestedIp(romRequest(), stranger), BROADCAST],
  ] as const)('%s', async (_name, packet, from) => {
    const { ask, sent, counts } = await linkSceneOf()
    await ask(packet, from)
    expect(sent).toEqual([])
    expect(counts.some(reason => reason.startsWith('dropped:'))).toBe(true)
  })
})

test('UEFI HTTP boot gets its own class and its URL from a proxy', async () => {
  const { ask } = await linkSceneOf()
  const { packet } = (await ask(recordedAs('dhcp_ovmf_http_discover'))) ?? {}
  expect(textOption(packet, OPTION.vendorClass)).toBe('HTTPClient')
  expect(textOption(packet, OPTION.bootFile)).toBe('http://10.77.0.2:8080/boot.ipxe')
  expect(packet?.yiaddr).toBe('0.0.0.0')
})

test('a machine with nothing to boot hears nothing', async () => {
  const { ask, counts } = await linkSceneOf({ bootFor: () => undefined })
  expect(await ask(romDiscover)).toBeUndefined()
  expect(counts).toContain('proxy ignore: nothing to boot')
})

test.each(['proxy', 'authoritative'] as const)(
  'what a %s cannot send is counted, and one line',
  async role => {
    const { ask, counts, lines, state } = await linkSceneOf({ sendError: new Error('send ENETUNREACH') })
    state.role = role
    for (let packet = 0; packet < 5; packet += 1) await ask(romDiscover)
    expect(counts.filter(reason => reason === 'unanswered: error')).toHaveLength(5)
    expect(lines.filter(line => line.includes('could not be'))).toHaveLength(1)
  },
)

test('a defect costs one answer, never the service', async () => {
  const bootFor = () => {
    throw new Error('a defect')
  }
  const { ask, askBootServer, counts, lines } = await linkSceneOf({ bootFor })
  await ask(romDiscover)
  await askBootServer(recordedAs('dhcp_ovmf_pxe_request_4011'), { ...CLIENT, port: 4011 })
  expect(counts.filter(reason => reason === 'unanswered: error')).toHaveLength(2)
  expect(lines.filter(line => line.includes('could not be'))).toHaveLength(1)
})

test('a machine that floods is cut to its rate', async () => {
  const { ask, sent } = await linkSceneOf()
  for (let packet = 0; packet < 450; packet += 1) await ask(romDiscover)
  expect(sent).toHaveLength(400)
})
