import { ipv4ToNumber } from '../../config/values/ipv4.ts'
import { type Options, optionSizeBytes, writeOption } from './options/area.ts'
import { OPTION } from './options/code.ts'
import { writeNumber, writeText } from './options/value.ts'
import { inWireOrder, wireSizeBytes } from './ordered-options.ts'
import {
  CHADDR_BYTES,
  CHADDR_OFFSET,
  type DhcpPacket,
  FILE_BYTES,
  FILE_OFFSET,
  MAGIC_COOKIE,
  OPTIONS_OFFSET,
  SNAME_BYTES,
  SNAME_OFFSET,
} from './packet.ts'
import { zeros } from './zeros.ts'

/** The least a BOOTP message may measure (RFC 1542 §2.1); some relays and ROMs drop shorter ones. */
const MIN_BYTES = 300
/** Wire length of option 52. */
const OVERLOAD_SIZE_BYTES = 3

/** Size of the datagram {@link encode} makes of a packet with these options, before padding to 300 bytes. */
export function encodedSizeBytes(options: Options): number {
  return OPTIONS_OFFSET + 1 + wireSizeBytes(options)
}

/**
 * Writes one UDP payload: options in the order fragile firmware wants, each code once (long values split by
 * RFC 3396 §7), one END, zeros to 300 bytes. Throws RangeError when `sname` or `file` leave no room for a NUL:
 * a name is never cut silently.
 */
export function encode(packet: DhcpPacket): Uint8Array {
  const bytes = zeros(Math.max(MIN_BYTES, mainSizeBytes(packet)))
  bytes[0] = packet.op
  bytes[1] = packet.htype
  bytes[2] = packet.hlen
  bytes[3] = packet.hops
  writeNumber(bytes, 4, packet.xid)
  writeNumber(bytes, 8, packet.secs * 0x1_0000 + packet.flags)
  writeNumber(bytes, 12, ipv4ToNumber(packet.ciaddr))
  writeNumber(bytes, 16, ipv4ToNumber(packet.yiaddr))
  writeNumber(bytes, 20, ipv4ToNumber(packet.siaddr))
  writeNumber(bytes, 24, ipv4ToNumber(packet.giaddr))
  for (let index = 0; index < CHADDR_BYTES; index += 1)
    bytes[CHADDR_OFFSET + index] = packet.chaddr[index] ?? 0
  writeField(bytes, SNAME_OFFSET, SNAME_BYTES, packet.sname)
  writeField(bytes, FILE_OFFSET, FILE_BYTES, packet.file)
  writeNumber(bytes, 236, MAGIC_COOKIE)
  writeOptions(bytes, packet)
  return bytes
}

function mainSizeBytes({ options, spilled }: DhcpPacket): number {
  const sizeBytes = encodedSizeBytes(options)
  if (spilled === undefined) return sizeBytes
  const moved = [...spilled.file, ...spilled.sname].flatMap(code => options.get(code) ?? [])
  return sizeBytes + OVERLOAD_SIZE_BYTES - moved.reduce((sum, value) => sum + optionSizeBytes(value), 0)
}

function writeOptions(bytes: Uint8Array, { options, spilled }: DhcpPacket): void {
  const codes = inWireOrder(options)
  if (spilled === undefined) {
    writeArea(bytes, OPTIONS_OFFSET, codes, options)
    return
  }
  const { file, sname } = spilled
  const overload = Uint8Array.of((file.length > 0 ? 1 : 0) + (sname.length > 0 ? 2 : 0))
  const staying = codes.filter(code => !file.includes(code) && !sname.includes(code))
  const all = new Map([...options, [OPTION.overload, overload] as const])
  // Behind the message type and the server, which are first for everybody.
  writeArea(bytes, OPTIONS_OFFSET, [...staying.slice(0, 2), OPTION.overload, ...staying.slice(2)], all)
  if (file.length > 0) writeArea(bytes, FILE_OFFSET, file, options)
  if (sname.length > 0) writeArea(bytes, SNAME_OFFSET, sname, options)
}

function writeArea(bytes: Uint8Array, offset: number, codes: readonly number[], options: Options): void {
  let at = offset
  for (const code of codes) {
    const value = options.get(code)
    if (value !== undefined) at = writeOption(bytes, at, code, value)
  }
  bytes[at] = OPTION.end
}

function writeField(bytes: Uint8Array, at: number, fieldBytes: number, value: string): void {
  if (value.length >= fieldBytes)
    throw new RangeError(`"${value}" needs ${value.length + 1} bytes, the field has ${fieldBytes}`)
  writeText(bytes, at, value)
}
