import { ipv4FromNumber } from '../../config/values/ipv4.ts'
import { type Area, type Options, readArea, type Tlv } from './options/area.ts'
import { OPTION } from './options/code.ts'
import { optionsInPlace } from './options/in-place.ts'
import { joinOptions } from './options/join.ts'
import { checkLengths, isActedOn } from './options/length.ts'
import { readTextAt } from './options/value.ts'
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

/** A packet, with the small faults that were forgiven; or why the bytes are none. Reasons are fixed texts. */
export type Decoded =
  | { readonly kind: 'packet'; readonly packet: DhcpPacket; readonly flaws: readonly string[] }
  | { readonly kind: 'malformed'; readonly reason: string }

/**
 * Reads one UDP payload (RFC 2131 §2, options by RFC 2132 and RFC 3396). Never throws. Payloads of 240 to 299
 * bytes are taken: dhcping and perfdhcp send them, whatever RFC 1542 §2.1 says about 300.
 */
export function decode(bytes: Uint8Array): Decoded {
  if (bytes.length < OPTIONS_OFFSET) return malformed('shorter than 240 bytes')
  if (numberAt(bytes, 236) !== MAGIC_COOKIE) return malformed('no DHCP cookie')
  // By index: taking a buffer apart by its iterator was a tenth of what a packet costs.
  const hlen = bytes[2] ?? 0
  if (hlen > 16) return malformed('hlen above 16')
  const read = readOptions(bytes)
  if (read.kind === 'malformed') return read
  const secsAndFlags = numberAt(bytes, 8)
  const packet: DhcpPacket = {
    op: bytes[0] ?? 0,
    htype: bytes[1] ?? 0,
    hlen,
    hops: bytes[3] ?? 0,
    xid: numberAt(bytes, 4),
    secs: secsAndFlags >>> 16,
    flags: secsAndFlags & 0xffff,
    ciaddr: ipv4FromNumber(numberAt(bytes, 12)),
    yiaddr: ipv4FromNumber(numberAt(bytes, 16)),
    siaddr: ipv4FromNumber(numberAt(bytes, 20)),
    giaddr: ipv4FromNumber(numberAt(bytes, 24)),
    chaddr: copyOf(bytes, CHADDR_OFFSET, CHADDR_BYTES),
    sname: read.sname,
    file: read.file,
    options: read.options,
  }
  return { kind: 'packet', packet, flaws: read.flaws }
}

/** A copy octet by octet: for a few of them a view or `slice` costs ten times as much. */
function copyOf(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const copy = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) copy[index] = bytes[start + index] ?? 0
  return copy
}

function numberAt(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  return (bytes[at] ?? 0) * 0x100_0000 + low
}

type ReadOptions = Pick<DhcpPacket, 'sname' | 'file' | 'options'> & {
  readonly kind: 'options'
  readonly flaws: readonly string[]
}

type BadOptions = { readonly kind: 'malformed'; readonly reason: string }

const NO_FLAWS: readonly string[] = []

function readOptions(bytes: Uint8Array): ReadOptions | BadOptions {
  const options = optionsInPlace(bytes, OPTIONS_OFFSET)
  if (options === undefined) return readAllAreas(bytes)
  return { kind: 'options', options, file: fileOf(bytes), sname: snameOf(bytes), flaws: NO_FLAWS }
}

/** Clients may fill a field to the brim; the last octet is the NUL's. */
function fileOf(bytes: Uint8Array): string {
  return readTextAt(bytes, FILE_OFFSET, FILE_OFFSET + FILE_BYTES - 1)
}

function snameOf(bytes: Uint8Array): string {
  return readTextAt(bytes, SNAME_OFFSET, SNAME_OFFSET + SNAME_BYTES - 1)
}

/** Reads all option areas in the order of RFC 3396 §5: options, then `file`, then `sname` where overloaded. */
function readAllAreas(bytes: Uint8Array): ReadOptions | BadOptions {
  const file = bytes.subarray(FILE_OFFSET, FILE_OFFSET + FILE_BYTES)
  const sname = bytes.subarray(SNAME_OFFSET, SNAME_OFFSET + SNAME_BYTES)
  const main = readArea(bytes.subarray(OPTIONS_OFFSET))
  const overload = main.tlvs.find(isOverload)?.value[0] ?? 0
  const inFile = overload === 1 || overload === 3
  const inSname = overload === 2 || overload === 3
  const areas = inFile || inSname ? withFields(main, inFile ? file : NONE, inSname ? sname : NONE) : [main]
  const joined = joinOptions(areas.length === 1 ? main.tlvs : areas.flatMap(area => area.tlvs))
  const cut = areas.flatMap(area => area.cutOffAt ?? [])
  if (cut.length > 0 && (!joined.has(OPTION.messageType) || cut.some(isActedOn)))
    return malformed('an option runs past the end')
  const checked = checkLengths(joined)
  if (checked.kind === 'bad-length') return malformed(`option ${checked.code} has a wrong length`)
  const options = checked.options.has(OPTION.overload) ? without(checked.options) : checked.options
  return {
    kind: 'options',
    options,
    file: inFile ? '' : fileOf(bytes),
    sname: inSname ? '' : snameOf(bytes),
    flaws: [
      ...(cut.length > 0 ? ['an option we do not use was cut off'] : []),
      ...checked.ignored.map(code => `option ${code} has a wrong length`),
    ],
  }
}

const NONE = new Uint8Array()

function isOverload({ code, value }: Tlv): boolean {
  return code === OPTION.overload && value.length === 1
}

/** An overload option inside an overloaded field is meaningless and would invite a loop. */
function withFields(main: Area, file: Uint8Array, sname: Uint8Array): readonly Area[] {
  const fields = [file, sname].map(field => {
    const { tlvs, cutOffAt } = readArea(field)
    return { tlvs: tlvs.filter(({ code }) => code !== OPTION.overload), cutOffAt }
  })
  return [main, ...fields]
}

function without(options: Options): Options {
  const rest = new Map(options)
  rest.delete(OPTION.overload)
  return rest
}

function malformed(reason: string): BadOptions {
  return { kind: 'malformed', reason }
}
