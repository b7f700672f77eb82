import * as z from 'zod'
import { highDigit, lowDigit } from './hex.ts'

/** An Ethernet address as six lower-case hex pairs joined by colons: `52:54:00:77:00:01`. */
export const Mac = z
  .string()
  .regex(/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i, 'an Ethernet address is six hex pairs, e.g. 52:54:00:77:00:01')
  .transform(text => text.toLowerCase().replaceAll('-', ':'))
  .brand<'Mac'>()
export type Mac = z.output<typeof Mac>

const COLON = 58

/**
 * The Mac in `bytes` (at least six octets); longer input is cut to the first six, RFC 2131 chaddr. In one piece: DHCP
 * does this for each packet, and a text put together in steps leaves one behind for each.
 */
export function macFromBytes(bytes: Uint8Array): Mac {
  if (bytes.length < 6) throw new RangeError(`a MAC needs 6 octets, got ${bytes.length}`)
  // biome-ignore format: one octet a line
  return String.fromCharCode(
    highDigit(bytes[0]), lowDigit(bytes[0]), COLON,
    highDigit(bytes[1]), lowDigit(bytes[1]), COLON,
    highDigit(bytes[2]), lowDigit(bytes[2]), COLON,
    highDigit(bytes[3]), lowDigit(bytes[3]), COLON,
    highDigit(bytes[4]), lowDigit(bytes[4]), COLON,
    highDigit(bytes[5]), lowDigit(bytes[5]),
  ) as Mac
}

/** The six octets of `mac`. */
export function macToBytes(mac: Mac): Uint8Array {
  return Uint8Array.from(mac.split(':'), pair => Number.parseInt(pair, 16))
}

/** `mac` with dashes and the leading hardware type, as PXELINUX and `BOOTIF=` write it: `01-52-54-…`. */
export function macToBootif(mac: Mac): string {
  return `01-${mac.replaceAll(':', '-')}`
}
