import { describe, expect, test } from 'vitest'
import { decode } from '../../../../server/dhcp/decode.ts'
import { encode } from '../../../../server/dhcp/encode.ts'
import type { DhcpPacket } from '../../../../server/dhcp/packet.ts'
import { captureBytes, captureSource, dhcpCaptureNames } from '../captures.ts'
import { BROADCAST, discover, ip, MACHINE, packetOf, sceneOf, select, subnetOf } from '../scene.ts'
import { expectHarmless, raw, survives } from './hostile.ts'
import { message, recorded, unicastFrom, withOptions } from './machine.ts'

describe('recorded clients, damaged', () => {
  test.each(dhcpCaptureNames)('F01 %s cut at every byte', async name => {
    const bytes = captureBytes(name)
    const cuts = [...bytes.keys()].map(length => bytes.subarray(0, length))
    await survives(cuts, captureSource(name))
  })

  test.each(dhcpCaptureNames)('F02 %s with each length 0, 1, 254, 255', async name => {
    const bytes = captureBytes(name)
    const lengths: number[] = []
    for (
      let at = 240;
      at + 1 < bytes.length && bytes[at] !== 255;
      at += bytes[at] === 0 ? 1 : 2 + (bytes[at + 1] ?? 0)
    )
      if (bytes[at] !== 0) lengths.push(at + 1)
    expect(lengths.length).toBeGreaterThan(0)
    const damaged = lengths.flatMap(at => [0, 1, 0xfe, 0xff].map(value => bytes.with(at, value)))
    await survives(damaged, captureSource(name))
  })
})

test('F15 hlen 16 and 255 on Ethernet, a machine address of zeros and one of a group', async () => {
  const good = captureBytes('dhcp_dhclient_discover')
  const zero = Uint8Array.from(good)
  zero.fill(0, 28, 44)
  const { sent, counts } = await survives([good.with(2, 16), good.with(2, 255), zero, good.with(28, 0x01)])
  expect(sent).toEqual([])
  expect(counts.every(reason => reason.startsWith('dropped'))).toBe(true)
})

test.each(['255.255.255.255', '0.0.0.1', '224.0.0.1', '10.77.0.1', '127.0.0.1', '10.77.0.255', '10.77.0.0'])(
  'F16 giaddr %s gets no answer',
  async giaddr => {
    const scene = await sceneOf(subnetOf(), { nowMs: 0 })
    await scene.ask({ ...discover(MACHINE), giaddr: ip(giaddr) })
    expect(scene.sent).toEqual([])
  },
)

describe.each(['255.255.255.255', '10.77.0.255', '224.0.0.1', '10.77.0.1', '127.0.0.1'])(
  'ciaddr %s',
  ciaddr => {
    test.each([
      ['F17 RENEWING', 3],
      ['F17 INFORM', 8],
      ['F17 RELEASE', 7],
    ])('%s: nothing is sent there', async (_name, type) => {
      const scene = await sceneOf(subnetOf(), { nowMs: 0 })
      for (const source of [BROADCAST, unicastFrom(ip(ciaddr))])
        await scene.ask(message(type, MACHINE, ip(ciaddr)), source)
      expectHarmless(scene)
      for (const { packet } of scene.sent) expect(packet.options.get(53)).toEqual(Uint8Array.of(6))
    })
  },
)

test('F18 a unicast REQUEST of no subnet of ours is dropped, a unicast DISCOVER is one of the link', async () => {
  const scene = await sceneOf(subnetOf(), { nowMs: 0 })
  const source = unicastFrom(ip('203.0.113.5'))
  expect(await scene.ask(message(3, MACHINE, ip('203.0.113.5')), source)).toBeUndefined()
  expect(scene.counts).toEqual(['dropped: no subnet of ours'])
  expect((await scene.ask(discover(MACHINE), source))?.yiaddr).toMatch(/^10\.77\.0\./)
})

test('F19 option 57 of 0, 1, 575, 65535, and of one octet', async () => {
  const values = [
    [2, 0, 0],
    [2, 0, 1],
    [2, 2, 63],
    [2, 255, 255],
    [1, 9],
  ]
  const { sent } = await survives(values.map(value => raw([53, 1, 1, 57, ...value, 255])))
  expect(sent).toHaveLength(5)
})

test('F20 leases of 0, 1 and 2^32-1 seconds, addresses 0.0.0.0 and 255.255.255.255', async () => {
  const options = [
    [51, 4, 0, 0, 0, 0],
    [51, 4, 0, 0, 0, 1],
    [51, 4, 255, 255, 255, 255],
    [50, 4, 0, 0, 0, 0],
    [50, 4, 255, 255, 255, 255],
  ]
  const { sent } = await survives(options.map(option => raw([53, 1, 1, ...option, 255])))
  for (const { packet } of sent) expect(packet.yiaddr).toMatch(/^10\.77\.0\.(5|6|7|8|9)\d$/)
  expect(sent).toHaveLength(5)
})

test('F23 LEASEQUERY with nothing to ask for is dropped', async () => {
  const { counts, sent } = await survives([raw([53, 1, 10, 255])])
  expect([counts, sent]).toEqual([['dropped: a message type we do not serve'], []])
})

test('F25 a packet of 1500 and one of 9000 octets', async () => {
  const big = (size: number) => {
    const bytes = new Uint8Array(size)
    bytes.set(captureBytes('dhcp_dhclient_discover'))
    return bytes
  }
  const { sent } = await survives([big(1500), big(9000)])
  expect(sent).toHaveLength(2)
})

test('F26 a flood of replies to our port is dropped, every one', async () => {
  const reply = encode({ ...recorded('dhcp_ovmf_pxe_discover'), op: 2 } satisfies DhcpPacket)
  const { counts, sent } = await survives(Array.from({ length: 1000 }, () => reply))
  expect([new Set(counts), sent]).toEqual([new Set(['dropped: not a request']), []])
})

test('F38 lengths inside the datagram are never believed: only its own length is', async () => {
  const bytes = captureBytes('dhcp_ovmf_pxe_discover')
  const padded = new Uint8Array(600)
  padded.set(bytes)
  // A view into a larger buffer, as the kernel hands it over: what lies behind it is not the packet's.
  const view = padded.subarray(0, 250)
  padded.fill(0xaa, 250)
  expect(decode(view)).toEqual(decode(Uint8Array.from(view)))
  const { sent } = await survives([view, padded, withTail(bytes)])
  expect(sent.length).toBeGreaterThan(0)
})

function withTail(bytes: Uint8Array): Uint8Array {
  const more = new Uint8Array(bytes.length + 200)
  more.set(bytes)
  more.fill(0xff, bytes.length)
  return more
}

test('a client that asks for a lease in the name of nobody leaves nothing behind', async () => {
  const scene = await sceneOf(subnetOf(), { nowMs: 0 })
  await scene.ask({ ...select(MACHINE, ip('10.77.0.60')), chaddr: new Uint8Array(16) })
  await scene.ask(withOptions(packetOf({ htype: 32, hlen: 0 }), [[53, [1]]]))
  expect([...scene.leases.table.leases()]).toEqual([])
})
