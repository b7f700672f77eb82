import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { ipv4FromBytes, ipv4ToBytes } from '../../../config/values/ipv4.ts'

/** The octets of an unsigned 8-bit value. */
export function u8(value: number): Uint8Array {
  return Uint8Array.of(value)
}

/** The four octets of an unsigned 32-bit value, network order. */
export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

/** The number in up to four octets, network order; `undefined` for an absent option. */
export function readNumber(value: Uint8Array | undefined): number | undefined {
  return value?.reduce((sum, octet) => sum * 256 + octet, 0)
}

/** The address in an option that holds exactly one; `undefined` when absent or of another length. */
export function readIp(value: Uint8Array | undefined): Ipv4 | undefined {
  return value?.length === 4 ? ipv4FromBytes(value) : undefined
}

/** Addresses in a row, as options 3 and 6 hold them. */
export function ips(list: readonly Ipv4[]): Uint8Array {
  return Uint8Array.from(list.flatMap(ip => [...ipv4ToBytes(ip)]))
}

/**
 * One octet per character. Names, host names and URLs here are ASCII; Latin-1 keeps any octet a client sends.
 * Throws RangeError on a character above U+00FF.
 */
export function text(value: string): Uint8Array {
  return Uint8Array.from(value, character => {
    const code = character.charCodeAt(0)
    if (code > 255) throw new RangeError(`not representable in a DHCP text option: ${value}`)
    return code
  })
}

/** Text with a counted NUL: 66 and 67 need it, some ROMs ask for a name with trailing garbage otherwise. */
export function nulText(value: string): Uint8Array {
  return text(`${value}\0`)
}

/** The text up to the first NUL, Latin-1. */
export function readText(value: Uint8Array): string {
  const end = value.indexOf(0)
  return String.fromCharCode(...value.subarray(0, end < 0 ? value.length : end))
}
