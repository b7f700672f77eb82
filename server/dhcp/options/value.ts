import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { ipv4FromNumber, ipv4ToNumber } from '../../../config/values/ipv4.ts'

/** The octets of an unsigned 8-bit value. */
export function u8(value: number): Uint8Array {
  return Uint8Array.of(value)
}

/** The four octets of an unsigned 32-bit value, network order. */
export function u32(value: number): Uint8Array {
  const octets = new Uint8Array(4)
  writeNumber(octets, 0, value)
  return octets
}

/** The number in up to four octets, network order; `undefined` for an absent option. */
export function readNumber(value: Uint8Array | undefined): number | undefined {
  return value === undefined ? undefined : readNumberAt(value, 0, value.length)
}

/** The number in `length` octets from `start` on, network order. */
export function readNumberAt(bytes: Uint8Array, start: number, length: number): number {
  let sum = 0
  for (let at = start; at < start + length; at += 1) sum = sum * 256 + (bytes[at] ?? 0)
  return sum
}

/** The address in an option that holds exactly one; `undefined` when absent or of another length. */
export function readIp(value: Uint8Array | undefined): Ipv4 | undefined {
  return value?.length === 4 ? readIpAt(value, 0) : undefined
}

/** The address in the four octets from `start` on. */
export function readIpAt(bytes: Uint8Array, start: number): Ipv4 {
  return ipv4FromNumber(readNumberAt(bytes, start, 4))
}

/** Addresses in a row, as options 3 and 6 hold them. */
export function ips(list: readonly Ipv4[]): Uint8Array {
  const octets = new Uint8Array(4 * list.length)
  for (const [index, ip] of list.entries()) writeNumber(octets, 4 * index, ipv4ToNumber(ip))
  return octets
}

/** Writes an unsigned 32-bit number at `at`, network order. */
export function writeNumber(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24
  into[at + 1] = value >>> 16
  into[at + 2] = value >>> 8
  into[at + 3] = value
}

/**
 * One octet per character. Names, host names and URLs here are ASCII; Latin-1 keeps any octet a client sends.
 * Throws RangeError on a character above U+00FF.
 */
export function text(value: string): Uint8Array {
  const octets = new Uint8Array(value.length)
  writeText(octets, 0, value)
  return octets
}

/** Writes {@link text} at `at`. */
export function writeText(into: Uint8Array, at: number, value: string): void {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code > 255) throw new RangeError(`not representable in a DHCP text option: ${value}`)
    into[at + index] = code
  }
}

/** Text with a counted NUL: 66 and 67 need it, some ROMs ask for a name with trailing garbage otherwise. */
export function nulText(value: string): Uint8Array {
  const octets = new Uint8Array(value.length + 1)
  writeText(octets, 0, value)
  return octets
}

/** The text up to the first NUL, Latin-1. */
export function readText(value: Uint8Array): string {
  return readTextAt(value, 0, value.length)
}

/** The text from `start` up to the first NUL, or to `end`, Latin-1. */
export function readTextAt(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end && bytes[at] !== 0; at += 1) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}

/** Whether the octets begin with those of `start`, which is ASCII. */
export function startsWithText(value: Uint8Array, start: string): boolean {
  if (value.length < start.length) return false
  for (let at = 0; at < start.length; at += 1) if (value[at] !== start.charCodeAt(at)) return false
  return true
}
