import { hexOf } from '../../../config/values/hex.ts'

/**
 * The SMBIOS UUID in option 97 as text (RFC 4578 §2.3: a type octet 0 and 16 octets, the first three fields
 * little-endian). `undefined` for another type or length, and for all zeros or ones, which name no machine.
 */
export function readMachineId(value: Uint8Array | undefined): string | undefined {
  if (value?.length !== 17 || value[0] !== 0) return undefined
  const octets = [...value.subarray(1)]
  if (octets.every(octet => octet === octets[0] && (octet === 0 || octet === 255))) return undefined
  const ordered = [
    octets.slice(0, 4).reverse(),
    octets.slice(4, 6).reverse(),
    octets.slice(6, 8).reverse(),
    octets.slice(8, 10),
    octets.slice(10),
  ]
  return ordered.map(field => hexOf(field)).join('-')
}
