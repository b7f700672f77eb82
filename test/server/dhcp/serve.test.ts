import { describe, expect, test } from 'vitest'
import { UNSPECIFIED } from '../../../config/values/ipv4.ts'
import type { BootAnswer } from '../../../server/dhcp/boot-client.ts'
import { decode } from '../../../server/dhcp/decode.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { readNumber } from '../../../server/dhcp/options/value.ts'
import { createMemoryStore } from '../../../server/store/memory.ts'
import type { Store } from '../../../server/store/store.ts'
import { captureBytes } from './captures.ts'
import {
  BROADCAST,
  discover,
  ip,
  MACHINE,
  OTHER,
  octets,
  packetOf,
  SERVER,
  sceneOf,
  select,
  subnetOf,
  TO_ALL,
  textOption,
  typeOf,
} from './scene.ts'

const OFFER = 2
const ACK = 5
const NAK = 6

describe('one machine through its boot', () => {
  test('C076 ROM, loader and system share one lease; each stage gets its own answer', async () => {
    const { ask, events, leases } = await sceneOf(subnetOf(), { nowMs: 1_000 })
    const machine = recordedPacket('dhcp_ovmf_pxe_discover')
    const who = machine.chaddr
    const rom = await ask(machine)
    const address = rom?.yiaddr ?? UNSPECIFIED
    expect(
      typeOf(
        await ask({
          ...recordedPacket('dhcp_ovmf_pxe_request'),
          options: chosen(address, 'dhcp_ovmf_pxe_request'),
        }),
      ),
    ).toBe(ACK)

    const loader = await ask({ ...recordedPacket('dhcp_ovmf_pxe_ipxe_discover'), chaddr: who })
    expect(loader?.yiaddr).toBe(address)
    expect(textOption(loader, OPTION.bootFile)).toBe('http://10.77.0.1:7080/boot.ipxe')
    expect(loader?.options.get(OPTION.ipxe)).toEqual(Uint8Array.of(0xb0, 1, 1, 0xff))
    expect(loader?.options.has(OPTION.vendorClass)).toBe(false)
    await ask({
      ...recordedPacket('dhcp_ovmf_pxe_ipxe_request'),
      chaddr: who,
      options: chosen(address, 'dhcp_ovmf_pxe_ipxe_request'),
    })

    const system = await ask({ ...discover(MACHINE, [[OPTION.clientId, [255, 1, 2, 3, 4]]]), chaddr: who })
    expect(system?.yiaddr).toBe(address)
    expect(system?.file).toBe('')
    expect([...leases.table.leases()]).toHaveLength(1)
    expect(events.map(event => [event.stage, event.detail, event.firmware, event.ip])).toEqual([
      ['dhcp-offer', 'rom x64 -> snponly-x64.efi', 'uefi', address],
      ['dhcp-ack', 'rom x64 -> snponly-x64.efi', 'uefi', address],
      ['dhcp-offer', 'ipxe x64 -> http://10.77.0.1:7080/boot.ipxe', 'uefi', address],
      ['ipxe', 'ipxe x64 -> http://10.77.0.1:7080/boot.ipxe', 'uefi', address],
    ])
  })

  test('C067 the boot answer stays as offered although the configuration changes before the ACK', async () => {
    let answer: BootAnswer = { file: 'old.efi', nextServer: SERVER }
    const { ask } = await sceneOf(subnetOf(), { nowMs: 0 }, undefined, () => answer)
    const offer = await ask(recordedPacket('dhcp_ovmf_pxe_discover'))
    answer = { file: 'new.efi', nextServer: ip('10.77.0.2') }
    const request = {
      ...recordedPacket('dhcp_ovmf_pxe_request'),
      options: chosen(offer?.yiaddr ?? UNSPECIFIED, 'dhcp_ovmf_pxe_request'),
    }
    const ack = await ask(request)
    expect([ack?.file, ack?.siaddr, ack?.yiaddr]).toEqual(['old.efi', SERVER, offer?.yiaddr])
    expect((await ask({ ...recordedPacket('dhcp_ovmf_pxe_discover'), xid: 77 }))?.file).toBe('new.efi')
  })
})

describe('leases', () => {
  test('C035 outlive the server: another serving over the same store knows them', async () => {
    const clock = { nowMs: 0 }
    const store = createMemoryStore({ now: () => clock.nowMs })
    const first = await sceneOf(subnetOf(), clock, store)
    const offer = await first.ask(discover(MACHINE))
    await first.ask(select(MACHINE, offer?.yiaddr ?? UNSPECIFIED))
    const second = await sceneOf(subnetOf(), clock, store)
    expect([...second.leases.table.leases()]).toEqual([...first.leases.table.leases()])
    expect((await second.ask(discover(MACHINE)))?.yiaddr).toBe(offer?.yiaddr)
    expect((await second.ask(discover(OTHER)))?.yiaddr).not.toBe(offer?.yiaddr)
  })

  test('C050 no ACK leaves before the lease is durable, and none when it cannot be', async () => {
    const clock = { nowMs: 0 }
    const store = createMemoryStore({ now: () => clock.nowMs })
    const broken: Store = { ...store, transact: () => Promise.reject(new Error('disk full')) }
    const { ask, counts } = await sceneOf(subnetOf(), clock, broken)
    const offer = await ask(discover(MACHINE))
    expect(await ask(select(MACHINE, offer?.yiaddr ?? UNSPECIFIED))).toBeUndefined()
    expect(counts).toContain('unanswered: lease failed')
  })

  test('an address another writer took meanwhile is not acknowledged, and the truth is learnt', async () => {
    const clock = { nowMs: 0 }
    const store = createMemoryStore({ now: () => clock.nowMs })
    const [here, there] = [await sceneOf(subnetOf(), clock, store), await sceneOf(subnetOf(), clock, store)]
    const wanted = [[OPTION.requestedIp, octets(ip('10.77.0.60'))]] as const
    expect((await here.ask(discover(MACHINE, wanted)))?.yiaddr).toBe('10.77.0.60')
    expect((await there.ask(discover(OTHER, wanted)))?.yiaddr).toBe('10.77.0.60')
    expect(typeOf(await here.ask(select(MACHINE, ip('10.77.0.60'))))).toBe(ACK)
    expect(await there.ask(select(OTHER, ip('10.77.0.60')))).toBeUndefined()
    expect(there.counts).toContain('unanswered: lease conflict')
    expect(typeOf(await there.ask(select(OTHER, ip('10.77.0.60'))))).toBe(NAK)
  })

  test('a record that cannot be read keeps its address out of service', async () => {
    const clock = { nowMs: 0 }
    const store = createMemoryStore({ now: () => clock.nowMs })
    await store.transact([], [{ kind: 'put', key: 'lease/ip/10.77.0.60', value: { what: 'is this' } }])
    const { ask, counts } = await sceneOf(subnetOf(), clock, store)
    const offer = await ask(discover(MACHINE, [[OPTION.requestedIp, octets(ip('10.77.0.60'))]]))
    expect(offer?.yiaddr).not.toBe('10.77.0.60')
    expect(counts).toContain('lease record unreadable')
  })

  test('records by machine, which earlier versions kept beside the leases, go', async () => {
    const clock = { nowMs: 0 }
    const store = createMemoryStore({ now: () => clock.nowMs })
    const key = `lease/mac/${MACHINE}`
    await store.transact([], [{ kind: 'put', key, value: { ip: '10.77.0.60' } }])
    await sceneOf(subnetOf(), clock, store)
    expect(await store.get(key)).toBeUndefined()
  })

  test('C053 a repeated REQUEST gets the same ACK and extends nothing', async () => {
    const clock = { nowMs: 0 }
    const { ask, leases } = await sceneOf(subnetOf(), clock)
    const offer = await ask(discover(MACHINE))
    const first = await ask(select(MACHINE, offer?.yiaddr ?? UNSPECIFIED))
    const lease = leases.table.leaseOf(MACHINE, subnetOf())
    expect(await ask(select(MACHINE, offer?.yiaddr ?? UNSPECIFIED))).toEqual(first)
    expect(leases.table.leaseOf(MACHINE, subnetOf())).toEqual(lease)
  })

  test('however often a REQUEST is repeated, no more is promised than is on the disk', async () => {
    const clock = { nowMs: 0 }
    const { ask, leases } = await sceneOf(subnetOf({ leaseSeconds: 600 }), clock)
    const address = (await ask(discover(MACHINE)))?.yiaddr ?? UNSPECIFIED
    for (let times = 0; times < 20; times += 1) {
      const ack = await ask(select(MACHINE, address))
      expect(typeOf(ack)).toBe(ACK)
      const promised = readNumber(ack?.options.get(OPTION.leaseSeconds)) ?? 0
      const expiresAtMs = leases.table.leaseAt(address)?.expiresAtMs ?? 0
      expect(clock.nowMs + promised * 1000).toBeLessThanOrEqual(expiresAtMs)
      expect(promised).toBeGreaterThan(120)
      clock.nowMs += 100_000
    }
  })

  test('C042 an empty pool is silence for the client and one line for the operator', async () => {
    const subnet = subnetOf({ pool: { start: '10.77.0.50', end: '10.77.0.50' } })
    const { ask, lines, counts } = await sceneOf(subnet, { nowMs: 0 })
    expect(typeOf(await ask(discover(MACHINE)))).toBe(OFFER)
    expect(await ask(discover(OTHER))).toBeUndefined()
    expect(await ask(discover(OTHER))).toBeUndefined()
    expect(lines.filter(line => line.startsWith('no address left'))).toHaveLength(1)
    expect(counts.filter(reason => reason === 'exhausted: no address left')).toHaveLength(2)
  })
})

describe('what frees an address', () => {
  const only = { pool: { start: '10.77.0.50', end: '10.77.0.50' } }
  test.each<[string, Parameters<typeof packetOf>[0]]>([
    [
      'choosing another server',
      {
        options: [
          [53, [3]],
          [50, [10, 77, 0, 50]],
          [54, [10, 77, 0, 3]],
        ],
      },
    ],
    ['RELEASE', { ciaddr: ip('10.77.0.50'), options: [[53, [7]]] }],
  ])('%s', async (_name, goodbye) => {
    const { ask } = await sceneOf(subnetOf(only), { nowMs: 0 })
    await ask(discover(MACHINE))
    if (goodbye.ciaddr !== undefined) await ask(select(MACHINE, ip('10.77.0.50')))
    expect(await ask(discover(OTHER))).toBeUndefined()
    await ask(packetOf(goodbye))
    expect((await ask(discover(OTHER)))?.yiaddr).toBe('10.77.0.50')
  })

  test('C068 DECLINE does not: nobody gets the address until its quarantine is over', async () => {
    const clock = { nowMs: 0 }
    const { ask, lines } = await sceneOf(subnetOf(only), clock)
    await ask(discover(MACHINE))
    await ask(
      packetOf({
        options: [
          [53, [4]],
          [50, [10, 77, 0, 50]],
        ],
      }),
    )
    expect(lines).toContain('another machine uses an address of ours')
    clock.nowMs = 3_599_000
    expect(await ask(discover(OTHER))).toBeUndefined()
    clock.nowMs = 3_600_000
    expect((await ask(discover(OTHER)))?.yiaddr).toBe('10.77.0.50')
  })
})

describe('a running node', () => {
  test('keeps its lease by its reports, written only when a quarter of it has gone by', async () => {
    const clock = { nowMs: 0 }
    const { ask, leases, serving } = await sceneOf(subnetOf({ leaseSeconds: 1000 }), clock)
    const offer = await ask(discover(MACHINE))
    const address = offer?.yiaddr ?? UNSPECIFIED
    await ask(select(MACHINE, address))
    const expires = () => leases.table.leaseOf(MACHINE, subnetOf())?.expiresAtMs
    clock.nowMs = 200_000
    await serving.extend(MACHINE, address)
    expect(expires()).toBe(1_000_000)
    clock.nowMs = 300_000
    await serving.extend(MACHINE, address)
    expect(expires()).toBe(1_300_000)
    await serving.extend(OTHER, address)
    expect(leases.table.leaseAt(address)?.mac).toBe(MACHINE)
  })

  test('whose record was lost has its address adopted', async () => {
    const { leases, serving, lines } = await sceneOf(subnetOf(), { nowMs: 0 })
    await serving.extend(MACHINE, ip('10.77.0.70'))
    expect(leases.table.leaseOf(MACHINE, subnetOf())).toMatchObject({
      ip: '10.77.0.70',
      state: 'bound',
      stage: 'os',
    })
    await serving.extend(OTHER, ip('192.168.0.9'))
    expect(leases.table.leaseOf(OTHER, subnetOf())).toBeUndefined()
    expect(lines).toContain('the lease of a running node cannot be kept')
  })
})

describe('what nobody should send', () => {
  test.each<[string, Uint8Array, string]>([
    ['one octet', Uint8Array.of(1), 'dropped: shorter than 240 bytes'],
    ['C002 a reply', captureBytes('dhcp_dhclient_discover').with(0, 2), 'dropped: not a request'],
    ['C092 17 hops', captureBytes('dhcp_dhclient_discover').with(3, 17), 'dropped: more than 16 hops'],
    [
      'a relay of a foreign network',
      captureBytes('dhcp_dhclient_discover').with(24, 9),
      'dropped: no subnet of ours',
    ],
    [
      'a multicast machine',
      captureBytes('dhcp_dhclient_discover').with(28, 1),
      'dropped: not a machine address',
    ],
  ])('%s is counted and dropped', async (_name, bytes, reason) => {
    const { serving, counts, sent } = await sceneOf(subnetOf(), { nowMs: 0 })
    serving.receive(bytes, BROADCAST)
    await serving.idle()
    expect([counts, sent]).toEqual([[reason], []])
  })

  test('F27 our own broadcast, come back through a bridge, is dropped', async () => {
    const { ask, counts } = await sceneOf(subnetOf(), { nowMs: 0 })
    await ask(discover(MACHINE), { address: SERVER, port: 67, delivery: 'broadcast' })
    expect(counts).toEqual(['dropped: our own packet'])
  })

  test('a machine that floods is cut to its rate', async () => {
    const { ask, sent, counts } = await sceneOf(subnetOf(), { nowMs: 0 })
    for (let packet = 0; packet < 450; packet += 1) await ask(discover(MACHINE))
    expect(sent).toHaveLength(400)
    expect(counts).toContain('dropped: too many packets of one machine')
  })

  test('an offer goes to everybody, also when the client could take unicast', async () => {
    const { ask, sent } = await sceneOf(subnetOf(), { nowMs: 0 })
    await ask(packetOf({ options: [[OPTION.messageType, [1]]] }))
    expect(sent[0]?.to).toEqual(TO_ALL)
  })
})

function recordedPacket(name: string) {
  const decoded = decode(captureBytes(name))
  if (decoded.kind === 'malformed') throw new Error(decoded.reason)
  return decoded.packet
}

/** The options of a recorded REQUEST, choosing our server and `address`. */
function chosen(address: ReturnType<typeof ip>, name: string) {
  const ours = [
    [OPTION.requestedIp, Uint8Array.from(octets(address))],
    [OPTION.serverId, Uint8Array.from(octets(SERVER))],
  ] as const
  return new Map([...recordedPacket(name).options, ...ours])
}
