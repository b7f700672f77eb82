import { decodePayload } from '../../protocol/frame-codec.ts'
import {
  type Frame,
  SignalPayload,
  STDIN_CREDIT_BYTES,
  STREAM_CHUNK_BYTES,
  StartPayload,
} from '../../protocol/frames.ts'

/** One deputy's connection. `creditBytes` is what it may still send of standard input. */
export type Session =
  | { readonly phase: 'greeting' }
  | { readonly phase: 'starting'; readonly signals: readonly string[] }
  | {
      readonly phase: 'running'
      readonly creditBytes: number
      readonly consumedBytes: number
      readonly stdinEnded: boolean
    }
  | { readonly phase: 'closed' }

/** What to do for the deputy, in order. */
export type SessionAction =
  | { readonly kind: 'start'; readonly payload: StartPayload }
  | { readonly kind: 'write-stdin'; readonly bytes: Uint8Array }
  | { readonly kind: 'end-stdin' }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'grant'; readonly bytes: number }
  | { readonly kind: 'violation'; readonly reason: string }

/** The next session and what to do now. */
export type SessionStep = { readonly session: Session; readonly actions: readonly SessionAction[] }

/** A connection that has said nothing. */
export const NEW_SESSION: Session = { phase: 'greeting' }
const CLOSED: Session = { phase: 'closed' }
/** As many as there are signals that are no real-time ones: more cannot differ in good faith. */
const SIGNALS_MAX = 32

/**
 * The next step after a frame of the deputy. A frame that does not belong here closes the session; a closed one has no
 * ears, because what was sent before our last word was heard is no offence.
 */
export function stepFrame(session: Session, frame: Frame): SessionStep {
  if (session.phase === 'closed') return { session, actions: [] }
  switch (frame.type) {
    case 'start': {
      if (session.phase !== 'greeting') return violation('start twice')
      const start = decodePayload(StartPayload, frame.payload)
      if (start.kind === 'violation') return violation(start.reason)
      const { payload } = start
      return { session: { phase: 'starting', signals: [] }, actions: [{ kind: 'start', payload }] }
    }
    case 'signal':
      return stepSignal(session, frame.payload)
    case 'stdin':
      return stepStdin(session, frame.payload)
    case 'stdinEnd':
      if (session.phase !== 'running' || session.stdinEnded) return violation('stdinEnd out of turn')
      return { session: { ...session, stdinEnded: true }, actions: [{ kind: 'end-stdin' }] }
    default:
      return violation(`${frame.type} from a deputy`)
  }
}

/** The process runs: the deputy gets its first credit, and signals that came early are delivered. */
export function stepStarted(session: Session): SessionStep {
  if (session.phase !== 'starting') return { session, actions: [] }
  return {
    session: { phase: 'running', creditBytes: STDIN_CREDIT_BYTES, consumedBytes: 0, stdinEnded: false },
    actions: [
      { kind: 'grant', bytes: STDIN_CREDIT_BYTES },
      ...session.signals.map(signal => ({ kind: 'signal', signal }) as const),
    ],
  }
}

/** Our last word is said, a refusal or the end of the process: nothing that comes now means anything. */
export function stepAnswered(): SessionStep {
  return { session: CLOSED, actions: [] }
}

/**
 * The process took `bytes` of its standard input. Credit goes back in chunks, not per write: three quarters of the
 * window are always out, so the deputy never waits for a grant.
 */
export function stepConsumed(session: Session, bytes: number): SessionStep {
  if (session.phase !== 'running') return { session, actions: [] }
  const consumedBytes = session.consumedBytes + bytes
  if (consumedBytes < STREAM_CHUNK_BYTES || session.stdinEnded)
    return { session: { ...session, consumedBytes }, actions: [] }
  return {
    session: { ...session, consumedBytes: 0, creditBytes: session.creditBytes + consumedBytes },
    actions: [{ kind: 'grant', bytes: consumedBytes }],
  }
}

function stepSignal(session: Session, payload: Uint8Array): SessionStep {
  const decoded = decodePayload(SignalPayload, payload)
  if (decoded.kind === 'violation') return violation(decoded.reason)
  const { signal } = decoded.payload
  switch (session.phase) {
    case 'starting':
      return { session: { ...session, signals: pending(session.signals, signal) }, actions: [] }
    case 'running':
      return { session, actions: [{ kind: 'signal', signal }] }
    default:
      return violation('signal before start')
  }
}

/** As in the kernel: a signal that is pending already is not queued again. */
function pending(signals: readonly string[], signal: string): readonly string[] {
  return signals.includes(signal) || signals.length >= SIGNALS_MAX ? signals : [...signals, signal]
}

function stepStdin(session: Session, bytes: Uint8Array): SessionStep {
  if (session.phase !== 'running' || session.stdinEnded) return violation('stdin out of turn')
  if (bytes.length > session.creditBytes)
    return violation(`${bytes.length} octets of stdin against a credit of ${session.creditBytes}`)
  const creditBytes = session.creditBytes - bytes.length
  return { session: { ...session, creditBytes }, actions: [{ kind: 'write-stdin', bytes }] }
}

function violation(reason: string): SessionStep {
  return { session: CLOSED, actions: [{ kind: 'violation', reason }] }
}
