import { describe, expect, test } from 'vitest'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import type { DhcpPacket } from '../../../server/dhcp/packet.ts'
import { discover, ip, MACHINE, packetOf, SERVER, sceneOf, select, subnetOf } from './scene.ts'

const RICH = subnetOf({
  domain: 'lan',
  reservations: [{ mac: MACHINE, ip: '10.77.0.50', name: 'old-dell' }],
})
const ROM = [60, [...new TextEncoder().encode('PXEClient')]] as const

async function offerTo(packet: DhcpPacket, file = 'snponly-x64.efi'): Promise<DhcpPacket> {
  const { ask } = await sceneOf(RICH, { nowMs: 0 }, undefined, () => ({ file, nextServer: SERVER }))
  const reply = await ask(packet)
  if (reply === undefined) throw new Error('no reply')
  return reply
}

const codes = (packet: DhcpPacket) => [...packet.options.keys()].sort((left, right) => left - right)

describe('options', () => {
  test.each<[string, readonly number[] | undefined, readonly number[]]>([
    ['no list: everything', undefined, [1, 3, 6, 12, 15, 28, 51, 53, 54, 58, 59]],
    ['an empty list: everything', [], [1, 3, 6, 12, 15, 28, 51, 53, 54, 58, 59]],
    ['a list: what it names, and what is never left out', [3, 3, 235], [1, 3, 28, 51, 53, 54, 58, 59]],
  ])('%s', async (_name, list, expected) => {
    const wish = list === undefined ? [] : [[OPTION.parameterList, list] as const]
    expect(codes(await offerTo(discover(MACHINE, wish)))).toEqual(expected)
  })

  test('C075 a client id (and a relay) is echoed, if and only if they were sent', async () => {
    const [plain, told] = [
      await offerTo(discover(MACHINE)),
      await offerTo(
        discover(MACHINE, [
          [61, [255, 9]],
          [82, [1, 1, 7]],
        ]),
      ),
    ]
    expect([plain.options.has(61), plain.options.has(82)]).toEqual([false, false])
    expect([told.options.get(61), told.options.get(82)]).toEqual([
      Uint8Array.of(255, 9),
      Uint8Array.of(1, 1, 7),
    ])
  })
})

describe('header', () => {
  test('C032 an OFFER copies xid, flags, giaddr and chaddr; hops, secs and ciaddr are zero', async () => {
    const relay = { giaddr: ip('10.77.0.9'), flags: 0x8000, hops: 1, secs: 256, ciaddr: ip('10.77.0.77') }
    const request = { ...discover(MACHINE), ...relay }
    const { xid, chaddr } = request
    expect(await offerTo(request)).toMatchObject({
      ...{ op: 2, xid, chaddr, flags: 0x8000, giaddr: '10.77.0.9' },
      ...{ hops: 0, secs: 0, ciaddr: '0.0.0.0' },
    })
  })

  test('an ACK to a renewing client copies ciaddr', async () => {
    const { ask } = await sceneOf(RICH, { nowMs: 0 })
    await ask(select(MACHINE, ip('10.77.0.50')))
    const renewal = packetOf({ ciaddr: ip('10.77.0.50'), options: [[OPTION.messageType, [3]]] })
    expect(await ask(renewal)).toMatchObject({ ciaddr: '10.77.0.50', yiaddr: '10.77.0.50' })
  })

  test('C066 a NAK through a relay asks it to broadcast; a direct one leaves the flags', async () => {
    const { ask } = await sceneOf(RICH, { nowMs: 0 })
    const wrong = select(MACHINE, ip('10.77.0.200'))
    expect(await ask({ ...wrong, giaddr: ip('10.77.0.9') })).toMatchObject({
      flags: 0x8000,
      yiaddr: '0.0.0.0',
    })
    expect(await ask(wrong)).toMatchObject({ flags: 0 })
  })

  test('a URL too long for the file field is in option 67 alone, whole', async () => {
    const url = `http://10.77.0.1/${'x'.repeat(150)}`
    const offer = await offerTo(discover(MACHINE, [ROM, [77, [...new TextEncoder().encode('iPXE')]]]), url)
    expect(offer.file).toBe('')
    expect(offer.options.get(OPTION.bootFile)).toEqual(new TextEncoder().encode(`${url}\0`))
  })

  test('a ROM without a boot answer gets an address and nothing that makes it wait', async () => {
    const { ask } = await sceneOf(RICH, { nowMs: 0 }, undefined, () => undefined)
    const offer = await ask(discover(MACHINE, [ROM]))
    expect(offer).toMatchObject({ yiaddr: '10.77.0.50', siaddr: '0.0.0.0', file: '', sname: '' })
    expect([43, 60, 66, 67].filter(code => offer?.options.has(code))).toEqual([])
  })
})
