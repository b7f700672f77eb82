import type { RoundTrip } from './round-trip.ts'

/** Transmissions of one packet to a client that never answered: 1+2+4+8+8+8 = 31 s, then we give up. */
export const MAX_TRANSMISSIONS = 6
/** Silence of a client that did answer before; with a short round trip many repetitions fall into it. */
export const PATIENCE_MS = 31_000
/** Transmissions of the last block, all others acknowledged: iPXE stops listening after its last ACK, which may be lost. */
export const MAX_FINAL_TRANSMISSIONS = 3
/** Silence that goes with them: less could be a switch that relearns the port. */
export const FINAL_PATIENCE_MS = 7000
/**
 * EDK2 answers each out-of-order block of a window with its own ACK of the last good one. Only the first may rewind
 * us; what comes within this time is an echo of the same loss (sorcerer's apprentice at window scale).
 */
export const REWIND_DAMPING_MS = 50

/** Before we know how fast a client is: less than 1 s would race old ROMs that copy each block through slow memory. */
const FIRST_MS = 1000
const CEILING_MS = 8000
/** A client may ask for 255 s (RFC 2349); we would hold its transfer for half an hour. */
const LONGEST_ASKED_MS = 30_000
/** Shortest wait of a client known to answer at once: the clock tick of EDK2 and of most ROMs is 10 ms or longer. */
const FLOOR_MS = 30

/**
 * Time to wait after the `transmissions`-th sending (from 1), in ms. While no answer was timed: 1, 2, 4, 8, 8, 8 s, or
 * doubling from what the client asked with the timeout option (RFC 1123 §4.2.3.2, RFC 2349). Then doubling from what
 * its round trips suggest (RFC 6298 §2), so that a lost last block of a window costs a wink, not a second.
 */
export function retransmitAfterMs(
  transmissions: number,
  askedMs: number | undefined,
  roundTrip: RoundTrip | undefined,
): number {
  const first =
    roundTrip === undefined
      ? Math.min(askedMs ?? FIRST_MS, LONGEST_ASKED_MS)
      : Math.min(Math.max(FLOOR_MS, roundTrip.smoothedMs + 4 * roundTrip.variationMs), CEILING_MS)
  return Math.min(first * 2 ** (transmissions - 1), Math.max(CEILING_MS, first))
}
