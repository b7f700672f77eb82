import { blocksAhead } from './block-number.ts'
import type { Terms } from './options.ts'
import type { TftpErrorCode } from './packet.ts'
import { ERROR_CODE } from './packet.ts'
import type { RoundTrip } from './round-trip.ts'
import { backedOff, measured } from './round-trip.ts'
import {
  FINAL_PATIENCE_MS,
  MAX_FINAL_TRANSMISSIONS,
  MAX_TRANSMISSIONS,
  PATIENCE_MS,
  REWIND_DAMPING_MS,
  retransmitAfterMs,
} from './schedule.ts'
import type { TransferAction, TransferEvent, TransferOutcome, TransferState } from './transfer-state.ts'

type Step = readonly [TransferState, readonly TransferAction[]]

const NOTHING: readonly TransferAction[] = []
const OACK: readonly TransferAction[] = [{ kind: 'send-oack' }]

/** The first step: OACK when options were agreed on, else DATA 1. Never more than one packet before the first ACK. */
export function begin(terms: Terms, nowMs: number): Step {
  const initial: TransferState = {
    terms,
    phase: terms.accepted.length > 0 ? 'offering' : 'sending',
    base: 1,
    sentThrough: 0,
    highestSent: 0,
    lastBlock: undefined,
    transmissions: 0,
    heard: false,
    sentAtMs: nowMs,
    quietSinceMs: nowMs,
    deadlineMs: nowMs,
    roundTrip: undefined,
  }
  return transmit(initial, nowMs)
}

/** The next state and what to do; an ended transfer stays ended and does nothing. */
export function step(state: TransferState, event: TransferEvent): Step {
  if (state.phase === 'ended') return [state, NOTHING]
  switch (event.kind) {
    case 'ack':
      return state.phase === 'offering' ? onOackAnswer(state, event) : onAck(state, event)
    case 'error':
      return onError(state, event)
    case 'sent':
      return onSent(state, event)
    case 'timer':
      return isGivenUp(state, event.nowMs) ? giveUp(state) : transmit(state, event.nowMs)
    case 'repeated':
      return state.heard ? [state, NOTHING] : again(state, event.nowMs)
    case 'failed':
      return end(state, 'aborted', event.reason, { code: ERROR_CODE.undefined, message: 'read error' })
    case 'stopped':
      return end(state, 'aborted', event.reason)
  }
}

/**
 * Whether a repeated request means a client that started over: its transfer has ended, and only its file is still being
 * closed (a client that keeps its port asks the same again right after it probed the size); or it answered before, but
 * let a retransmission pass in silence. (A Raspberry Pi 3 asks for every file from port 49152, also after a power cycle.)
 */
export function isAbandoned(state: TransferState): boolean {
  return state.phase === 'ended' || (state.heard && state.transmissions > 1)
}

function onOackAnswer(state: TransferState, ack: { block: number; nowMs: number }): Step {
  if (ack.block !== 0) return [state, NOTHING]
  return advance(state, 1, ack.nowMs, timed(state, ack.nowMs))
}

function onAck(state: TransferState, ack: { block: number; nowMs: number }): Step {
  const { base, terms } = state
  const ahead = blocksAhead(ack.block, base, terms.rollover)
  if (ahead === -1) {
    // With one block at a time a duplicate ACK says nothing new: answering it would double every packet that follows
    // (sorcerer's apprentice, RFC 1123 §4.2.3.1). In a window it may say "nothing in order came" (RFC 7440 §4).
    return terms.windowSize > 1 && isWindowOut(state) ? again(state, ack.nowMs) : [state, NOTHING]
  }
  const block = base + ahead
  if (block > state.highestSent) return [state, NOTHING]
  return block === state.lastBlock
    ? end({ ...state, base: block + 1, heard: true }, 'complete', undefined)
    : advance(state, block + 1, ack.nowMs, timed(state, ack.nowMs))
}

/** The next window begins at `base`. Written out, not spread: this is the one new object of every block or window. */
function advance(state: TransferState, base: number, nowMs: number, roundTrip: RoundTrip | undefined): Step {
  const { terms, highestSent, lastBlock } = state
  const next: TransferState = {
    terms,
    phase: 'sending',
    base,
    sentThrough: base - 1,
    highestSent,
    lastBlock,
    transmissions: 1,
    heard: true,
    sentAtMs: nowMs,
    quietSinceMs: nowMs,
    deadlineMs: nowMs + retransmitAfterMs(1, terms.timeoutMs, roundTrip),
    roundTrip,
  }
  return [next, [{ kind: 'send-blocks', from: base, through: windowEnd(next) }]]
}

/**
 * Answers to what was sent twice say nothing: they may be to either sending (Karn's rule, RFC 6298 §3). The wait is
 * doubled then, else a ROM that takes longer for a block than for the options would get every block several times.
 */
function timed(state: TransferState, nowMs: number): RoundTrip | undefined {
  const { roundTrip, transmissions, terms } = state
  if (transmissions > 1 && roundTrip !== undefined)
    return backedOff(roundTrip, retransmitAfterMs(2, terms.timeoutMs, roundTrip))
  const isTimed = transmissions === 1 && (state.phase === 'offering' || isWindowOut(state))
  return isTimed ? measured(roundTrip, nowMs - state.sentAtMs) : roundTrip
}

function onSent(state: TransferState, sent: { block: number; last: boolean; nowMs: number }): Step {
  if (sent.block <= state.sentThrough || sent.block > windowEnd(state)) return [state, NOTHING]
  // Reading a window may take long; the client's time to answer starts when the last of it has left.
  const next: TransferState = {
    ...state,
    sentThrough: sent.block,
    highestSent: Math.max(state.highestSent, sent.block),
    lastBlock: sent.last ? sent.block : state.lastBlock,
    sentAtMs: sent.nowMs,
    deadlineMs: sent.nowMs + patienceMs(state),
  }
  return [next, NOTHING]
}

function onError(state: TransferState, error: { code: number; message: string }): Step {
  const isGoodbye = error.code === ERROR_CODE.undefined || error.code === ERROR_CODE.optionsRefused
  if (isGoodbye && state.terms.toldSize && state.base === 1) return end(state, 'probe', undefined)
  return end(state, 'aborted', `client: error ${error.code} ${error.message}`.trimEnd())
}

function isGivenUp(state: TransferState, nowMs: number): boolean {
  if (!state.heard) return state.transmissions >= MAX_TRANSMISSIONS
  const quietMs = nowMs - state.quietSinceMs
  // With several blocks out the client may still lack one of them, so only a lone last block is given up early.
  const isLoneLast = isFinal(state) && state.base === state.lastBlock
  return isLoneLast
    ? quietMs >= FINAL_PATIENCE_MS && state.transmissions >= MAX_FINAL_TRANSMISSIONS
    : quietMs >= PATIENCE_MS
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
  return isEcho || state.transmissions >= MAX_TRANSMISSIONS ? [state, NOTHING] : transmit(state, nowMs)
}

function transmit(state: TransferState, nowMs: number): Step {
  const next: TransferState = {
    ...state,
    transmissions: state.transmissions + 1,
    sentThrough: state.base - 1,
    sentAtMs: nowMs,
    deadlineMs: nowMs + retransmitAfterMs(state.transmissions + 1, state.terms.timeoutMs, state.roundTrip),
  }
  return [
    next,
    state.phase === 'offering' ? OACK : [{ kind: 'send-blocks', from: next.base, through: windowEnd(next) }],
  ]
}

function patienceMs(state: TransferState): number {
  return retransmitAfterMs(state.transmissions, state.terms.timeoutMs, state.roundTrip)
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
