import { hexOf } from '../../../config/values/hex.ts'

/** Where the octets of the text stand in the option. */
const TEXT_ORDER = [4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, 16]

/**
 * The SMBIOS UUID in option 97 as text (RFC 4578 §2.3: a type octet 0 and 16 octets, the first three fields
 * little-endian). `undefined` for another type or length, and for all zeros or ones, which name no machine.
 */
export function readMachineId(value: Uint8Array | undefined): string | undefined {
  if (value?.length !== 17 || value[0] !== 0) return undefined
  const first = value[1]
  if ((first === 0 || first === 255) && value.subarray(1).every(octet => octet === first)) return undefined
  const hex = hexOf(TEXT_ORDER.map(at => value[at] ?? 0))
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
