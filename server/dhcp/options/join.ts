import type { Options, Tlv } from './area.ts'
import { OPTION } from './code.ts'

/** Options whose repeats are a mistake, not fragments: the first one counts. */
const FIRST_INSTANCE_COUNTS: ReadonlySet<number> = new Set([
  OPTION.requestedIp,
  OPTION.leaseSeconds,
  OPTION.overload,
  OPTION.messageType,
  OPTION.serverId,
  OPTION.maxMessageSize,
  OPTION.clientArch,
  OPTION.networkInterface,
  OPTION.machineId,
])

/**
 * Joins the instances of each option in the order given (RFC 3396 §5, §6: options field, then `file`, then
 * `sname`), except for fixed-size options, where clients have been seen to repeat the whole option.
 */
export function joinOptions(tlvs: readonly Tlv[]): Options {
  const joined = new Map<number, Uint8Array>()
  for (const { code, value } of tlvs) {
    const before = joined.get(code)
    if (before === undefined) joined.set(code, value)
    else if (!FIRST_INSTANCE_COUNTS.has(code)) joined.set(code, concat(before, value))
  }
  return joined
}

function concat(left: Uint8Array, right: Uint8Array): Uint8Array {
  const whole = new Uint8Array(left.length + right.length)
  whole.set(left)
  whole.set(right, left.length)
  return whole
}
