import * as z from 'zod'

/** Strict dotted quad: four decimal numbers 0..255 without leading zeros (`010.0.0.1` is refused). */
const DOTTED_QUAD = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|$)){4}(?<!\.)$/

/** An IPv4 address in dotted-quad text. */
export const Ipv4 = z
  .string()
  .regex(DOTTED_QUAD, 'an IPv4 address is four numbers 0..255, e.g. 10.77.0.1')
  .brand<'Ipv4'>()
export type Ipv4 = z.output<typeof Ipv4>

/** `0.0.0.0`: "no address" in every header field of RFC 2131. */
export const UNSPECIFIED = '0.0.0.0' as Ipv4
/** `255.255.255.255`: the limited broadcast. */
export const LIMITED_BROADCAST = '255.255.255.255' as Ipv4

const DOT = 46
const ZERO = 48

/** The address as an unsigned 32-bit number. Read digit by digit: DHCP does this several times per packet. */
export function ipv4ToNumber(ip: Ipv4): number {
  let sum = 0
  let part = 0
  for (let index = 0; index < ip.length; index += 1) {
    const code = ip.charCodeAt(index)
    if (code === DOT) {
      sum = sum * 256 + part
      part = 0
    } else part = part * 10 + code - ZERO
  }
  return sum * 256 + part
}

/** The dotted quad of an unsigned 32-bit number; throws RangeError outside 0..2^32-1. */
export function ipv4FromNumber(value: number): Ipv4 {
  if (value === 0) return UNSPECIFIED
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new RangeError(`not an IPv4 number: ${value}`)
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}` as Ipv4
}

/** The four octets of `ip`. */
export function ipv4ToBytes(ip: Ipv4): Uint8Array {
  return Uint8Array.from(ip.split('.'), Number)
}

/** The address in the first four octets of `bytes`; throws RangeError when shorter. */
export function ipv4FromBytes(bytes: Uint8Array): Ipv4 {
  if (bytes.length < 4) throw new RangeError(`an IPv4 address needs 4 octets, got ${bytes.length}`)
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}` as Ipv4
}
