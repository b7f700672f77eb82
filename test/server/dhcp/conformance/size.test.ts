import { expect, test } from 'vitest'
import { decode } from '../../../../server/dhcp/decode.ts'
import type { DhcpPacket } from '../../../../server/dhcp/packet.ts'
import { discover, MACHINE, sceneOf, select, subnetOf } from '../scene.ts'
import { recorded, wireCodes, withOptions } from './machine.ts'

/** More options than any reply has room for. */
const CROWDED = subnetOf({
  domain: 'a-long-domain.of-the-lan.example.org',
  dns: Array.from({ length: 8 }, (_, index) => `10.77.0.${index + 2}`),
  reservations: [{ mac: MACHINE, ip: '10.77.0.50', name: 'old-dell' }],
  options: [
    ...Array.from({ length: 8 }, (_, index) => ({ code: 230 + index, text: 'x'.repeat(60), always: true })),
    { code: 42, ips: ['10.77.0.1'], always: true },
    { code: 44, ips: ['10.77.0.1'], always: true },
    { code: 26, hex: '05dc', always: true },
  ],
})

async function replyTo(packet: DhcpPacket, subnet = CROWDED) {
  const { ask, sent } = await sceneOf(subnet, { nowMs: 0 })
  await ask(packet)
  const bytes = sent[0]?.bytes
  if (bytes === undefined) throw new Error('no reply')
  return bytes
}

test.each([
  ['C017 a UEFI ROM', 'dhcp_ovmf_pxe_discover'],
  ['C017 UEFI HTTP boot', 'dhcp_ovmf_http_discover'],
  ['C017 iPXE', 'dhcp_ovmf_pxe_ipxe_discover'],
  ['C017 an iPXE ROM', 'dhcp_seabios_e1000rom_ipxe_discover'],
])('%s never gets an overloaded reply, however little room there is', async (_name, capture) => {
  const bytes = await replyTo(withOptions(recorded(capture), [[57, [2, 64]]]))
  expect(bytes.length).toBeLessThanOrEqual(548)
  expect(wireCodes(bytes)).not.toContain(52)
})

test('a system gets in file and sname what does not fit otherwise, and reads it all', async () => {
  const subnet = subnetOf({
    options: [10, 11, 12, 13].map(index => ({ code: 220 + index, text: 'y'.repeat(75) })),
  })
  const bytes = await replyTo(discover(MACHINE), subnet)
  expect(bytes.length).toBeLessThanOrEqual(548)
  expect(wireCodes(bytes)).toContain(52)
  const decoded = decode(bytes)
  const codes = decoded.kind === 'packet' ? [...decoded.packet.options.keys()] : []
  expect(codes).toEqual(expect.arrayContaining([53, 54, 51, 1, 3, 6, 230, 231, 232, 233]))
})

test.each<[string, readonly (readonly [number, readonly number[]])[]]>([
  ['C018 no option 57', []],
  ['C018 option 57 of 0', [[57, [0, 0]]]],
  ['C018 option 57 of 575', [[57, [2, 63]]]],
])('%s: at most 548 bytes', async (_name, options) => {
  for (const packet of [discover(MACHINE, options), select(MACHINE, CROWDED.serverId)])
    expect((await replyTo(packet)).length).toBeLessThanOrEqual(548)
})

test('C019 option 57 of 65280, as OVMF has it: at most 1472 bytes, and more than 548', async () => {
  const bytes = await replyTo(discover(MACHINE, [[57, [0xff, 0x00]]]))
  expect(bytes.length).toBeLessThanOrEqual(1472)
  expect(bytes.length).toBeGreaterThan(548)
})

test('C020 option 57 of 576: what is vital survives, the rest goes in its order', async () => {
  const bytes = await replyTo(withOptions(recorded('dhcp_ovmf_pxe_discover'), [[57, [2, 64]]]))
  expect(bytes.length).toBeLessThanOrEqual(548)
  const codes = wireCodes(bytes)
  expect(codes).toEqual(expect.arrayContaining([53, 54, 51, 1, 3, 6, 43, 60, 66, 67, 97]))
  expect(codes).not.toContain(237)
})

test('C025 no OFFER or ACK has 50, 55 or 57', async () => {
  const captures = ['dhcp_ovmf_pxe', 'dhcp_dhclient', 'dhcp_udhcpc', 'dhcp_seabios_e1000rom_ipxe']
  for (const name of captures) {
    const { ask, sent } = await sceneOf(subnetOf(), { nowMs: 0 })
    const offer = await ask(recorded(`${name}_discover`))
    const chosen: readonly [number, readonly number[]][] = [
      [50, [...(offer?.yiaddr.split('.') ?? [])].map(Number)],
      [54, [10, 77, 0, 1]],
    ]
    await ask(withOptions(recorded(`${name}_request`), chosen))
    expect(sent.map(({ packet }) => packet.options.get(53)?.[0])).toEqual([2, 5])
    for (const { bytes } of sent)
      for (const code of [50, 55, 57]) expect(wireCodes(bytes)).not.toContain(code)
  }
})
