import { describe, expect, test } from 'vitest'
import { classify } from '../../../server/dhcp/classify.ts'
import { decode } from '../../../server/dhcp/decode.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { text } from '../../../server/dhcp/options/value.ts'
import { captureBytes, captureSource } from './captures.ts'
import { BROADCAST, packetOf } from './scene.ts'

/** Stage, firmware and architecture in one line. */
function told(options: readonly (readonly [number, readonly number[]])[]): string {
  const classified = classify(packetOf({ options: [[OPTION.messageType, [1]], ...options] }), BROADCAST)
  if (classified.kind === 'refused') return classified.reason
  const { stage, client } = classified.request
  return `${stage} ${client.firmware} ${client.arch ?? 'none'}`
}

const pxe = [OPTION.vendorClass, [...text('PXEClient')]] as const
const archOf = (...codes: readonly number[]) => [OPTION.clientArch, codes.flatMap(code => [0, code])] as const

describe('recorded clients', () => {
  test.each([
    ['dhcp_seabios_e1000rom_ipxe_discover', 'ipxe', 'bios', 0, 'iPXE'],
    ['dhcp_ovmf_pxe_discover', 'rom', 'uefi', 7, undefined],
    ['dhcp_ovmf_http_discover', 'uefi-http', 'uefi-http', 16, undefined],
    ['dhcp_ovmf_pxe_ipxe_discover', 'ipxe', 'uefi', 7, 'iPXE'],
    ['dhcp_dhclient_discover', 'os', 'bios', undefined, undefined],
    ['dhcp_udhcpc_discover', 'os', 'bios', undefined, undefined],
    ['dhcp_nmap_discover', 'os', 'bios', undefined, undefined],
  ])('%s', (name, stage, firmware, arch, userClass) => {
    const decoded = decode(captureBytes(name))
    if (decoded.kind === 'malformed') throw new Error(decoded.reason)
    const classified = classify(decoded.packet, captureSource(name))
    if (classified.kind === 'refused') throw new Error(classified.reason)
    const { client } = classified.request
    expect([classified.request.stage, client.firmware, client.arch, client.userClass]).toEqual([
      stage,
      firmware,
      arch,
      userClass,
    ])
  })

  test('the iPXE ROM tells its features and the machine its UUID', () => {
    const decoded = decode(captureBytes('dhcp_seabios_e1000rom_ipxe_discover'))
    if (decoded.kind === 'malformed') throw new Error(decoded.reason)
    const classified = classify(decoded.packet, BROADCAST)
    if (classified.kind === 'refused') throw new Error(classified.reason)
    expect(classified.request.client).toMatchObject({ machineId: '11223344-5566-7788-99aa-bbccddeeff00' })
    expect(classified.request.client.features).toEqual(expect.arrayContaining(['http', 'bzimage', 'tftp']))
    expect(classified.request.client.features).not.toContain('https')
  })
})

describe('boot stage and architecture', () => {
  test.each<[string, readonly (readonly [number, readonly number[]])[], string]>([
    ['nothing told', [], 'os bios none'],
    ['PXEClient alone is a BIOS ROM', [pxe], 'rom bios none'],
    ['x64 by 7', [pxe, archOf(7)], 'rom uefi 7'],
    ['x64 by 9', [pxe, archOf(9)], 'rom uefi 9'],
    ['C030 the first known of several', [pxe, archOf(200, 11)], 'rom uefi 11'],
    ['an unknown one', [pxe, archOf(200)], 'rom bios 200'],
    [
      'from option 60 when 93 is missing',
      [[60, [...text('PXEClient:Arch:00011:UNDI:003000')]]],
      'rom uefi 11',
    ],
    ['HTTPClient', [[60, [...text('HTTPClient:Arch:00016:UNDI:003000')]]], 'uefi-http uefi-http 16'],
    ['C028 iPXE, raw user class', [pxe, [77, [...text('iPXE')]]], 'ipxe bios none'],
    ['C028 iPXE, counted user class', [pxe, [77, [4, ...text('iPXE')]]], 'ipxe bios none'],
    ['our own script', [pxe, [77, [...text('godwit')]]], 'ipxe bios none'],
    ['C028 another user class', [pxe, [77, [...text('iPXElike')]]], 'rom bios none'],
    ['option 175 alone is iPXE', [[175, [0x13, 1, 1]]], 'ipxe bios none'],
    ['a message type nobody has', [[OPTION.messageType, [14]]], 'a message type we do not serve'],
  ])('%s', (_name, options, expected) => {
    expect(told(options)).toBe(expected)
  })

  test.each([
    [
      'InfiniBand without a client id',
      packetOf({ htype: 32, hlen: 0 }),
      'neither hardware address nor client id',
    ],
    ['Ethernet with 16 octets of address', packetOf({ hlen: 16 }), 'not an Ethernet client'],
  ])('%s is refused', (_name, packet, reason) => {
    expect(classify(packet, BROADCAST)).toEqual({ kind: 'refused', reason })
  })
})
