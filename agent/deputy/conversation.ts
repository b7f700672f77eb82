import type * as z from 'zod'
import { decodePayload } from '../../protocol/frame-codec.ts'
import {
  CreditPayload,
  EndedPayload,
  type Frame,
  RefusedPayload,
  StartedPayload,
} from '../../protocol/frames.ts'

/** Where a deputy stands: nothing is read from standard input, and nothing ends, before `running`. */
export type DeputyPhase = 'asked' | 'running' | 'done'

/** What a frame of the agent means for the deputy. */
export type DeputyAction =
  | { readonly kind: 'started'; readonly payload: StartedPayload }
  | { readonly kind: 'refused'; readonly payload: RefusedPayload }
  | { readonly kind: 'ended'; readonly payload: EndedPayload }
  | { readonly kind: 'credit'; readonly bytes: number }
  | { readonly kind: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly kind: 'violation'; readonly reason: string }

/** The next phase and the one thing to do. */
export type DeputyStep = { readonly phase: DeputyPhase; readonly action: DeputyAction }

/** Reads one frame of the agent in `phase`. A frame out of turn, or one that does not fit, is a violation. */
export function stepAgentFrame(phase: DeputyPhase, { type, payload }: Frame): DeputyStep {
  switch (`${phase} ${type}` as const) {
    case 'asked started':
      return read(StartedPayload, payload, 'running', started => ({ kind: 'started', payload: started }))
    case 'asked refused':
      return read(RefusedPayload, payload, 'done', refusal => ({ kind: 'refused', payload: refusal }))
    case 'running stdout':
      return { phase, action: { kind: 'stdout', bytes: payload } }
    case 'running stderr':
      return { phase, action: { kind: 'stderr', bytes: payload } }
    case 'running credit':
      return read(CreditPayload, payload, phase, ({ bytes }) => ({ kind: 'credit', bytes }))
    case 'running ended':
      return read(EndedPayload, payload, 'done', ended => ({ kind: 'ended', payload: ended }))
    default:
      return broken(`${type} while ${phase}`)
  }
}

function read<T>(
  schema: z.ZodType<T>,
  payload: Uint8Array,
  phase: DeputyPhase,
  actionOf: (payload: T) => DeputyAction,
): DeputyStep {
  const decoded = decodePayload(schema, payload)
  return decoded.kind === 'violation' ? broken(decoded.reason) : { phase, action: actionOf(decoded.payload) }
}

function broken(reason: string): DeputyStep {
  return { phase: 'done', action: { kind: 'violation', reason } }
}
