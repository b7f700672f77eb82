import type { Terms } from './options.ts'
import type { TftpErrorCode } from './packet.ts'
import { ERROR_CODE } from './packet.ts'
import {
  MAX_FINAL_TRANSMISSIONS,
  MAX_TRANSMISSIONS,
  REWIND_DAMPING_MS,
  retransmitAfterMs,
} from './schedule.ts'

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
  /** When the OACK or window was last begun. */
  readonly sentAtMs: number
}

/** How a transfer ended. `probe`: the client only wanted the size (EDK2, iPXE, Intel ROMs do), which is no failure. */
export type TransferOutcome = 'complete' | 'probe' | 'aborted' | 'timeout'

/** What can happen to a transfer. */
export type TransferEvent =
  /** ACK with its 16-bit block number. */
  | { readonly kind: 'ack'; readonly block: number; readonly nowMs: number }
  /** ERROR from the client. */
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** A block of the last `send-blocks` is on the wire; `last` when it is shorter than the block size. */
  | { readonly kind: 'sent'; readonly block: number; readonly last: boolean; readonly nowMs: number }
  /** The armed timer ran out. */
  | { readonly kind: 'timer'; readonly nowMs: number }
  /** The client sent the same request again from the same port. */
  | { readonly kind: 'repeated'; readonly nowMs: number }
  /** The content could not be read; ends with an ERROR. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Somebody ends the transfer from outside without a word to the client. */
  | { readonly kind: 'stopped'; readonly reason: string }

/** What is to be done now, in order. `send-blocks` and `arm` replace what an earlier one began. */
export type TransferAction =
  | { readonly kind: 'send-oack' }
  /** Send `from`..`through`, stopping behind the file's last block; report each as `sent`. */
  | { readonly kind: 'send-blocks'; readonly from: number; readonly through: number }
  | { readonly kind: 'send-error'; readonly code: TftpErrorCode; readonly message: string }
  | { readonly kind: 'arm'; readonly afterMs: number }
  | { readonly kind: 'end'; readonly outcome: TransferOutcome; readonly reason: string | undefined }

type Step = readonly [TransferState, readonly TransferAction[]]

/** The first step: OACK when options were agreed on, else DATA 1. Never more than one packet before the first ACK. */
export function begin(terms: Terms, nowMs: number): Step {
  const phase = terms.accepted.length > 0 ? 'offering' : 'sending'
  const nothing = { base: 1, sentThrough: 0, highestSent: 0, lastBlock: undefined, transmissions: 0 }
  return transmit({ terms, phase, ...nothing, heard: false, sentAtMs: nowMs }, nowMs)
}

/** The next state and what to do; an ended transfer stays ended and does nothing. */
export function step(state: TransferState, event: TransferEvent): Step {
  if (state.phase === 'ended') return [state, []]
  switch (event.kind) {
    case 'ack':
      return state.phase === 'offering' ? onOackAnswer(state, event) : onAck(state, event)
    case 'error':
      return onError(state, event)
    case 'sent':
      return onSent(state, event)
    case 'timer':
      return state.transmissions < transmissionLimit(state) ? transmit(state, event.nowMs) : giveUp(state)
    case 'repeated':
      return state.heard ? [state, []] : again(state, event.nowMs)
    case 'failed':
      return end(state, 'aborted', event.reason, { code: ERROR_CODE.undefined, message: 'read error' })
    case 'stopped':
      return end(state, 'aborted', event.reason)
  }
}

/**
 * Whether a repeated request means a client that started over: it answered before, but let a retransmission pass in
 * silence. (A Raspberry Pi 3 asks for every file from port 49152, also after a power cycle.)
 */
export function isAbandoned(state: TransferState): boolean {
  return state.heard && state.transmissions > 1
}

function onOackAnswer(state: TransferState, ack: { block: number; nowMs: number }): Step {
  if (ack.block !== 0) return [state, []]
  return transmit({ ...state, phase: 'sending', heard: true, transmissions: 0 }, ack.nowMs)
}

function onAck(state: TransferState, ack: { block: number; nowMs: number }): Step {
  const ahead = (ack.block - state.base) & 0xffff
  const isBeforeBase = ahead === 0xffff
  // With one block at a time a duplicate ACK says nothing new: answering it would double every packet that follows
  // (sorcerer's apprentice, RFC 1123 §4.2.3.1). In a window it may say "nothing in order came" (RFC 7440 §4).
  if (isBeforeBase && state.terms.windowSize > 1 && isWindowOut(state)) return again(state, ack.nowMs)
  const block = state.base + ahead
  if (isBeforeBase || block > state.highestSent) return [state, []]
  const acknowledged = { ...state, base: block + 1, heard: true, transmissions: 0 }
  return block === state.lastBlock
    ? end(acknowledged, 'complete', undefined)
    : transmit(acknowledged, ack.nowMs)
}

function onSent(state: TransferState, sent: { block: number; last: boolean; nowMs: number }): Step {
  if (sent.block !== state.sentThrough + 1) return [state, []]
  const next: TransferState = {
    ...state,
    sentThrough: sent.block,
    highestSent: Math.max(state.highestSent, sent.block),
    lastBlock: sent.last ? sent.block : state.lastBlock,
  }
  // Reading a window may take long; the client's time to answer starts when the last of it has left.
  return [next, isWindowOut(next) ? [armed(next)] : []]
}

function onError(state: TransferState, error: { code: number; message: string }): Step {
  const isGoodbye = error.code === ERROR_CODE.undefined || error.code === ERROR_CODE.optionsRefused
  if (isGoodbye && state.terms.toldSize && state.base === 1) return end(state, 'probe', undefined)
  return end(state, 'aborted', `client: error ${error.code} ${error.message}`.trimEnd())
}

function giveUp(state: TransferState): Step {
  if (isFinal(state)) return end(state, 'complete', 'last ACK missing')
  if (state.phase === 'offering' && state.terms.toldSize)
    return end(state, 'probe', 'no answer after the size')
  const reason = state.phase === 'offering' ? 'no answer to the options' : `no ACK of block ${state.base}`
  return end(state, 'timeout', reason, { code: ERROR_CODE.undefined, message: 'timeout' })
}

/** Sends once more unless that was just done or was done often enough; the timer alone gives up. */
function again(state: TransferState, nowMs: number): Step {
  const isEcho = nowMs - state.sentAtMs < REWIND_DAMPING_MS
  return isEcho || state.transmissions >= transmissionLimit(state) ? [state, []] : transmit(state, nowMs)
}

function transmit(state: TransferState, nowMs: number): Step {
  const next = {
    ...state,
    transmissions: state.transmissions + 1,
    sentThrough: state.base - 1,
    sentAtMs: nowMs,
  }
  const packets: TransferAction =
    state.phase === 'offering'
      ? { kind: 'send-oack' }
      : { kind: 'send-blocks', from: next.base, through: windowEnd(next) }
  return [next, [packets, armed(next)]]
}

function armed(state: TransferState): TransferAction {
  return { kind: 'arm', afterMs: retransmitAfterMs(state.transmissions, state.terms.timeoutMs) }
}

function end(
  state: TransferState,
  outcome: TransferOutcome,
  reason: string | undefined,
  error?: { readonly code: TftpErrorCode; readonly message: string },
): Step {
  const ended: TransferAction = { kind: 'end', outcome, reason }
  return [{ ...state, phase: 'ended' }, error ? [{ kind: 'send-error', ...error }, ended] : [ended]]
}

function windowEnd(state: TransferState): number {
  return Math.min(state.base + state.terms.windowSize - 1, state.lastBlock ?? Number.POSITIVE_INFINITY)
}

function isWindowOut(state: TransferState): boolean {
  return state.phase === 'sending' && state.sentThrough >= windowEnd(state)
}

/** The client may have the whole file: its end is out, and only the last ACKs are missing. */
function isFinal(state: TransferState): boolean {
  return state.heard && state.lastBlock !== undefined && state.highestSent >= state.lastBlock
}

/** With several blocks out the client may still lack one of them, so only a lone last block is given up early. */
function transmissionLimit(state: TransferState): number {
  const isLoneLast = isFinal(state) && state.base === state.lastBlock
  return isLoneLast ? MAX_FINAL_TRANSMISSIONS : MAX_TRANSMISSIONS
}
