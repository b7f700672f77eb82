import { describe, expect, test } from 'vitest'
import type { Mac } from '../../../config/values/mac.ts'
import { macToBytes } from '../../../config/values/mac.ts'
import { classify } from '../../../server/dhcp/classify.ts'
import { decode } from '../../../server/dhcp/decode.ts'
import { encode } from '../../../server/dhcp/encode.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { type Answer, buildReply } from '../../../server/dhcp/reply.ts'
import type { Request } from '../../../server/dhcp/request.ts'
import { captureBytes, captureSource } from './captures.ts'
import { BROADCAST, ip, MACHINE, packetOf, SERVER, subnetOf } from './scene.ts'

/** A recorded request as if MACHINE had sent it with the xid of the golden vectors. */
function recorded(name: string, who: Mac): Request {
  const decoded = decode(captureBytes(name))
  if (decoded.kind !== 'packet') throw new Error(decoded.reason)
  const chaddr = new Uint8Array(16)
  chaddr.set(macToBytes(who))
  const options = new Map(decoded.packet.options)
  if (options.has(OPTION.clientId)) options.set(OPTION.clientId, Uint8Array.of(1, ...macToBytes(who)))
  return requestOf({ ...decoded.packet, chaddr, options, xid: 0x1122_3344 }, name)
}

function requestOf(packet: Parameters<typeof classify>[0], name?: string): Request {
  const classified = classify(packet, name === undefined ? BROADCAST : captureSource(name))
  if (classified.kind !== 'request') throw new Error(classified.reason)
  return classified.request
}

const hexText = (text: string) => Buffer.from(text).toString('hex')

/** The datagram as the specification prints it: header words, padded names, options, zeros to 300 bytes. */
function golden(header: string, sname: string, file: string, options: readonly string[]): string {
  const chaddr = '52540077000100000000000000000000'
  const fixed = header.replaceAll(' ', '').padEnd(56, '0') + chaddr
  const names = hexText(sname).padEnd(128, '0') + hexText(file).padEnd(256, '0')
  return `${fixed}${names}63825363${options.join('')}ff`.padEnd(600, '0')
}

const NETWORK = [
  '36040a4d0001',
  '330400000384',
  '3a04000001c2',
  '3b0400000313',
  '0104ffffff00',
  '1c040a4d00ff',
  '03040a4d0001',
  '06040a4d0001',
]
const UUID = '611100443322116655887799aabbccddeeff00'
const offer: Extract<Answer, { kind: 'offer' }> = {
  kind: 'offer',
  ip: ip('10.77.0.50'),
  leaseSeconds: 900,
  reason: 'new',
  isNew: true,
}
const URL = 'http://10.77.0.1:8080/boot.ipxe'
const EFI_URL = 'http://10.77.0.1:8080/snponly-x64.efi'

describe('golden vectors, byte for byte', () => {
  test('D.1: OFFER to a UEFI x64 ROM, and its ACK', () => {
    const request = recorded('dhcp_ovmf_pxe_discover', MACHINE)
    const turn = { stage: request.stage, boot: { file: 'snponly-x64.efi', nextServer: SERVER } }
    const vector = (type: string) =>
      golden(
        '02010600 11223344 00008000 00000000 0a4d0032 0a4d0001 00000000',
        '10.77.0.1',
        'snponly-x64.efi',
        [
          `3501${type}`,
          ...NETWORK,
          '3c09505845436c69656e74',
          '2b04060108ff',
          '420a31302e37372e302e3100',
          '4310736e706f6e6c792d7836342e65666900',
          UUID,
        ],
      )
    const { ip: address, leaseSeconds } = offer
    const ack: Answer = { kind: 'ack', ip: address, leaseSeconds, lease: undefined, reason: 'selected' }
    const bytes = encode(buildReply(offer, request, subnetOf(), turn))
    expect(bytes).toHaveLength(358)
    expect(Buffer.from(bytes).toString('hex')).toBe(vector('02'))
    expect(Buffer.from(encode(buildReply(ack, request, subnetOf(), turn))).toString('hex')).toBe(vector('05'))
  })

  test('D.2: OFFER to iPXE', () => {
    const request = recorded('dhcp_seabios_e1000rom_ipxe_discover', MACHINE)
    const turn = { stage: request.stage, boot: { file: URL, nextServer: SERVER } }
    const bytes = encode(buildReply(offer, request, subnetOf(), turn))
    expect(bytes).toHaveLength(360)
    expect(Buffer.from(bytes).toString('hex')).toBe(
      golden(
        '020106001122334400000000000000000a4d00320a4d000100000000'.replace(
          '000000000000000000a',
          '00000000000000000a',
        ),
        '',
        URL,
        ['350102', ...NETWORK, `4320${hexText(URL)}00`, UUID, 'af04b00101ff', '3d0701525400770001'],
      ),
    )
  })

  test('D.5: OFFER for UEFI HTTP boot', () => {
    const request = recorded('dhcp_ovmf_http_discover', MACHINE)
    const turn = { stage: request.stage, boot: { file: EFI_URL, nextServer: SERVER } }
    const bytes = encode(buildReply(offer, request, subnetOf(), turn))
    expect(bytes).toHaveLength(363)
    expect(Buffer.from(bytes).toString('hex')).toBe(
      golden('02010600 11223344 00008000 00000000 0a4d0032 0a4d0001 00000000', '', '', [
        '350102',
        ...NETWORK,
        '3c0a48545450436c69656e74',
        `4326${hexText(EFI_URL)}00`,
        UUID,
      ]),
    )
  })

  test('D.6: NAK', () => {
    const request = requestOf(
      packetOf({
        options: [
          [OPTION.messageType, [3]],
          [OPTION.clientId, [1, ...macToBytes(MACHINE)]],
        ],
      }),
    )
    const turn = { stage: request.stage, boot: undefined }
    const bytes = encode(buildReply({ kind: 'nak', reason: 'wrong network' }, request, subnetOf(), turn))
    expect(bytes).toHaveLength(300)
    expect(Buffer.from(bytes).toString('hex')).toBe(
      golden('0201060011223344', '', '', [
        '350106',
        '36040a4d0001',
        '380d77726f6e67206e6574776f726b',
        '3d0701525400770001',
      ]),
    )
  })
})
