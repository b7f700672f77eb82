import { expect, test } from 'vitest'
import { decode } from '../../../../server/dhcp/decode.ts'
import { encode } from '../../../../server/dhcp/encode.ts'
import { OPTION } from '../../../../server/dhcp/options/code.ts'
import { readMachineId } from '../../../../server/dhcp/options/machine-id.ts'
import { PXE_BYPASS, PXE_RASPBERRY_PI } from '../../../../server/dhcp/options/pxe-vendor.ts'
import { captureBytes } from '../captures.ts'
import { BROADCAST, discover, MACHINE, packetOf, sceneOf, subnetOf } from '../scene.ts'
import { recorded } from './machine.ts'

test.each<[string, string, number]>([
  ['C004 dhcping, REQUEST', 'dhcp_dhcping_request', 250],
  ['C004 dhcping, RELEASE', 'dhcp_dhcping_release', 244],
  ['C004 dhcping, INFORM', 'dhcp_dhcping_inform_inform', 247],
  ['C004 perfdhcp', 'dhcp_perfdhcp_discover', 262],
])('%s: less than 300 bytes are taken, less than 240 are not', (_name, capture, sizeBytes) => {
  const bytes = captureBytes(capture)
  expect(bytes).toHaveLength(sizeBytes)
  expect(decode(bytes).kind).toBe('packet')
  expect(decode(bytes.subarray(0, 239))).toEqual({ kind: 'malformed', reason: 'shorter than 240 bytes' })
})

test.each([
  ['C005 hlen 0', 0, 'dropped: not an Ethernet client'],
  ['C005 hlen 17', 17, 'dropped: hlen above 16'],
  ['C005 hlen 255', 255, 'dropped: hlen above 16'],
])('%s of an Ethernet client is dropped', async (_name, hlen, reason) => {
  const { serving, counts, sent } = await sceneOf(subnetOf(), { nowMs: 0 })
  serving.receive(captureBytes('dhcp_dhclient_discover').with(2, hlen), BROADCAST)
  await serving.idle()
  expect([counts, sent]).toEqual([[reason], []])
})

test('C007 a reply has one END, and nothing but zeros behind it', async () => {
  for (const name of [
    'dhcp_dhclient_discover',
    'dhcp_nmap_discover',
    'dhcp_seabios_e1000rom_ipxe_discover',
  ]) {
    const { ask, sent } = await sceneOf(subnetOf(), { nowMs: 0 })
    await ask(recorded(name))
    const bytes = sent[0]?.bytes ?? new Uint8Array()
    let at = 240
    while (bytes[at] !== 255) {
      expect(bytes[at]).not.toBe(0)
      at += 2 + (bytes[at + 1] ?? 0)
    }
    expect(bytes.subarray(at + 1).every(octet => octet === 0)).toBe(true)
    expect(bytes.length).toBeGreaterThanOrEqual(300)
  }
})

test.each([61, 77, 82, 43])('C015 option %i is joined across the areas: options, file, sname', code => {
  const bytes = new Uint8Array(300)
  bytes.set(captureBytes('dhcp_dhclient_discover').subarray(0, 44))
  bytes.set([code, 1, 4, 255], 44)
  bytes.set([code, 2, 2, 3, 255], 108)
  bytes.set([0x63, 0x82, 0x53, 0x63, 53, 1, 1, code, 1, 1, 52, 1, 3, 255], 236)
  const decoded = decode(bytes)
  expect(decoded.kind === 'packet' ? decoded.packet.options.get(code) : decoded).toEqual(
    Uint8Array.of(1, 2, 3, 4),
  )
})

test('C021 66 and 67 end in a NUL that counts', async () => {
  const { ask } = await sceneOf(subnetOf(), { nowMs: 0 })
  const offer = await ask(recorded('dhcp_ovmf_pxe_discover'))
  for (const [code, text] of [
    [66, '10.77.0.1'],
    [67, 'snponly-x64.efi'],
  ] as const)
    expect(String.fromCharCode(...(offer?.options.get(code) ?? []))).toBe(`${text}\0`)
})

test.each([
  ['C022 file', { file: 'f'.repeat(127) }, { file: 'f'.repeat(128) }],
  ['C022 sname', { sname: 's'.repeat(63) }, { sname: 's'.repeat(64) }],
])('%s: a name that leaves no room for its NUL is an error, it is not cut', (_name, fits, tooLong) => {
  expect(decode(encode(packetOf(fits)))).toMatchObject({ kind: 'packet', packet: fits })
  expect(() => encode(packetOf(tooLong))).toThrow(RangeError)
})

test('C024 the mask comes before the routers', async () => {
  const { ask } = await sceneOf(subnetOf(), { nowMs: 0 })
  const codes = [...((await ask(discover(MACHINE, [[55, [3, 1]]])))?.options.keys() ?? [])]
  expect(codes).toContain(3)
  expect(codes.indexOf(1)).toBeLessThan(codes.indexOf(3))
})

test('C026 option 43 for direct boot and for the Raspberry Pi, byte for byte', () => {
  const whole = (value: Uint8Array) => Buffer.from([43, value.length, ...value]).toString('hex')
  expect(whole(PXE_BYPASS)).toBe('2b04060108ff')
  expect(whole(PXE_RASPBERRY_PI)).toBe(
    `2b230601030a04005058450917000014${Buffer.from('Raspberry Pi Boot   ').toString('hex')}ff`,
  )
})

test('C027 the first three fields of the machine id are little-endian', () => {
  const wire = Buffer.from('0044332211665588 7799aabbccddeeff00'.replaceAll(' ', ''), 'hex')
  expect(readMachineId(Uint8Array.from(wire))).toBe('11223344-5566-7788-99aa-bbccddeeff00')
})

test('C029 an odd list of architectures is passed over, option 60 tells it', async () => {
  const { ask, events } = await sceneOf(subnetOf(), { nowMs: 0 })
  const vendor = [...'PXEClient:Arch:00007:UNDI:003000'].map(letter => letter.charCodeAt(0))
  await ask(
    discover(MACHINE, [
      [OPTION.vendorClass, vendor],
      [OPTION.clientArch, [0, 0, 0]],
    ]),
  )
  expect(events[0]).toMatchObject({ firmware: 'uefi', detail: 'rom x64 -> snponly-x64.efi' })
})
