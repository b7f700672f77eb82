import { ipv4ToNumber } from '../../config/values/ipv4.ts'
import { inWireOrder } from './option-order.ts'
import { type Options, optionSizeBytes, writeOption } from './options/area.ts'
import { OPTION } from './options/code.ts'
import { text } from './options/value.ts'
import {
  type DhcpPacket,
  FILE_BYTES,
  FILE_OFFSET,
  MAGIC_COOKIE,
  OPTIONS_OFFSET,
  SNAME_BYTES,
  SNAME_OFFSET,
} from './packet.ts'

/** The least a BOOTP message may measure (RFC 1542 §2.1); some relays and ROMs drop shorter ones. */
const MIN_BYTES = 300

/** Size of the datagram {@link encode} makes of a packet with these options, before padding to 300 bytes. */
export function encodedSizeBytes(options: Options): number {
  return [...options.values()].reduce((sum, value) => sum + optionSizeBytes(value), OPTIONS_OFFSET + 1)
}

/**
 * Writes one UDP payload: options in the order fragile firmware wants, each code once (long values split by
 * RFC 3396 §7), one END, zeros to 300 bytes. Throws RangeError when `sname` or `file` leave no room for a NUL:
 * a name is never cut silently.
 */
export function encode(packet: DhcpPacket): Uint8Array {
  const bytes = new Uint8Array(Math.max(MIN_BYTES, encodedSizeBytes(packet.options)))
  const view = new DataView(bytes.buffer)
  bytes.set([packet.op, packet.htype, packet.hlen, packet.hops])
  view.setUint32(4, packet.xid)
  view.setUint16(8, packet.secs)
  view.setUint16(10, packet.flags)
  const addresses = [packet.ciaddr, packet.yiaddr, packet.siaddr, packet.giaddr]
  for (const [index, ip] of addresses.entries()) view.setUint32(12 + 4 * index, ipv4ToNumber(ip))
  bytes.set(packet.chaddr.subarray(0, 16), 28)
  bytes.set(fixedText(packet.sname, SNAME_BYTES), SNAME_OFFSET)
  bytes.set(fixedText(packet.file, FILE_BYTES), FILE_OFFSET)
  view.setUint32(236, MAGIC_COOKIE)
  let at = OPTIONS_OFFSET
  for (const [code, value] of inWireOrder(packet.options)) at = writeOption(bytes, at, code, value)
  bytes[at] = OPTION.end
  return bytes
}

function fixedText(value: string, fieldBytes: number): Uint8Array {
  if (value.length >= fieldBytes)
    throw new RangeError(`"${value}" needs ${value.length + 1} bytes, the field has ${fieldBytes}`)
  return text(value)
}
