import type { Terms } from './options.ts'
import type { TftpErrorCode } from './packet.ts'
import type { RoundTrip } from './round-trip.ts'

/**
 * One read transfer from the server's side (RFC 1350, 2347, 7440). Blocks are numbered from 1 without wrapping; only
 * the wire counts modulo 65536. Lock-step is a window of one.
 */
export type TransferState = {
  readonly terms: Terms
  /** `offering`: our OACK waits for ACK 0. `sending`: blocks are out. `ended`: nothing matters any more. */
  readonly phase: 'offering' | 'sending' | 'ended'
  /** Lowest block without ACK. */
  readonly base: number
  /** Highest block sent since the window at `base` was last begun; `base - 1` before its first. */
  readonly sentThrough: number
  /** Highest block ever sent: an ACK above it was made up. */
  readonly highestSent: number
  /** Number of the short block that ends the file, once it was sent. */
  readonly lastBlock: number | undefined
  /** Times the OACK or the window at `base` was sent. */
  readonly transmissions: number
  /** The client has answered something, so its address is not a forged one. */
  readonly heard: boolean
  /** When the OACK or the last of the window left. */
  readonly sentAtMs: number
  /** When the OACK or the window at `base` was first begun. */
  readonly quietSinceMs: number
  /** A `timer` event is due from this time on. */
  readonly deadlineMs: number
  /** How fast the client answers; undefined until an answer was timed. */
  readonly roundTrip: RoundTrip | undefined
}

/** How a transfer ended. `probe`: the client only wanted the size (EDK2, iPXE, Intel ROMs do), which is no failure. */
export type TransferOutcome = 'complete' | 'probe' | 'aborted' | 'timeout'

/** What can happen to a transfer. */
export type TransferEvent =
  /** ACK with its 16-bit block number. */
  | { readonly kind: 'ack'; readonly block: number; readonly nowMs: number }
  /** ERROR from the client. */
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** All blocks of the last `send-blocks` up to `block` are out; `last` when that one is shorter than the block size. */
  | { readonly kind: 'sent'; readonly block: number; readonly last: boolean; readonly nowMs: number }
  /** `deadlineMs` has passed. */
  | { readonly kind: 'timer'; readonly nowMs: number }
  /** The client sent the same request again from the same port. */
  | { readonly kind: 'repeated'; readonly nowMs: number }
  /** The content could not be read; ends with an ERROR. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Somebody ends the transfer from outside without a word to the client. */
  | { readonly kind: 'stopped'; readonly reason: string }

/** What is to be done now, in order. `send-blocks` replaces what an earlier one began. */
export type TransferAction =
  | { readonly kind: 'send-oack' }
  /** Send `from`..`through`, stopping behind the file's last block; report them as `sent`. */
  | { readonly kind: 'send-blocks'; readonly from: number; readonly through: number }
  | { readonly kind: 'send-error'; readonly code: TftpErrorCode; readonly message: string }
  | { readonly kind: 'end'; readonly outcome: TransferOutcome; readonly reason: string | undefined }
