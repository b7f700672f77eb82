/** Transmissions of one packet or window before we give up: 1+2+4+8+8+8 = 31 s of silence. */
export const MAX_TRANSMISSIONS = 6
/** Transmissions of the last block, all others acknowledged: iPXE stops listening after its last ACK, which may be lost. */
export const MAX_FINAL_TRANSMISSIONS = 3
/**
 * EDK2 answers each out-of-order block of a window with its own ACK of the last good one. Only the first may rewind
 * us; what comes within this time is an echo of the same loss (sorcerer's apprentice at window scale).
 */
export const REWIND_DAMPING_MS = 50

/** Less than 1 s would race old ROMs that copy each block through slow memory. */
const FIRST_MS = 1000
const CEILING_MS = 8000
/** A client may ask for 255 s (RFC 2349); we would hold its transfer for half an hour. */
const LONGEST_ASKED_MS = 30_000

/**
 * Time to wait after the `transmissions`-th sending (from 1), in ms: 1, 2, 4, 8, 8, 8 s, or doubling from what the
 * client asked with the timeout option (RFC 1123 §4.2.3.2, RFC 2349).
 */
export function retransmitAfterMs(transmissions: number, askedMs: number | undefined): number {
  const first = Math.min(askedMs ?? FIRST_MS, LONGEST_ASKED_MS)
  return Math.min(first * 2 ** (transmissions - 1), Math.max(CEILING_MS, first))
}
