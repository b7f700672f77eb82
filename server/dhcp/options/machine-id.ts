import { highDigit, lowDigit } from '../../../config/values/hex.ts'

/**
 * The SMBIOS UUID in option 97 as text (RFC 4578 §2.3: a type octet 0 and 16 octets, the first three fields
 * little-endian). `undefined` for another type or length, and for all zeros or ones, which name no machine.
 */
export function readMachineId(value: Uint8Array | undefined): string | undefined {
  if (value?.length !== 17 || value[0] !== 0 || namesNobody(value)) return undefined
  const low = two(value, 4, 3) + two(value, 2, 1)
  const node = two(value, 11, 12) + two(value, 13, 14) + two(value, 15, 16)
  return `${low}-${two(value, 6, 5)}-${two(value, 8, 7)}-${two(value, 9, 10)}-${node}`
}

/** Two octets as four digits. */
function two(value: Uint8Array, first: number, second: number): string {
  const [one, other] = [value[first], value[second]]
  return String.fromCharCode(highDigit(one), lowDigit(one), highDigit(other), lowDigit(other))
}

function namesNobody(value: Uint8Array): boolean {
  const first = value[1]
  if (first !== 0 && first !== 255) return false
  for (let at = 2; at < value.length; at += 1) if (value[at] !== first) return false
  return true
}
