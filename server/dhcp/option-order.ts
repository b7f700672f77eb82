import { OPTION } from './options/code.ts'

/**
 * Options that come first, in this order. 53 first because some ROMs assume it; the mask before the routers
 * (RFC 2132 §3.3); 43 before 66 because the Raspberry Pi 3 lets the later of the two say where TFTP goes.
 */
const FIRST = [53, 54, 51, 58, 59, 1, 28, 3, 6, 12, 15, 17, 26, 42, 60, 43, 66, 67, 97, 175]

/** 82 is the very last, relays strip it from the end (RFC 3046 §2.2). */
const LAST: readonly number[] = [OPTION.clientId, OPTION.relayAgent]

/** The place of each code; those without a rule ascending in between. */
const RANK: readonly number[] = Array.from({ length: 256 }, (_, code) => {
  const first = FIRST.indexOf(code)
  if (first >= 0) return first
  const last = LAST.indexOf(code)
  return last >= 0 ? 1000 + last : FIRST.length + code
})

/** The place of an option among others; no two codes share one. */
export function optionRank(code: number): number {
  return RANK[code] ?? 0
}
