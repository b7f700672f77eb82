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
  | { readonly kind: 'started'; readonly payload: z.output<typeof StartedPayload> }
  | { readonly kind: 'refused'; readonly payload: RefusedPayload }
  | { readonly kind: 'ended'; readonly payload: EndedPayload }
  | { readonly kind: 'credit'; readonly bytes: number }
  | { readonly kind: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly kind: 'violation'; readonly reason: string }

/** The next phase and the one thing to do. */
export type DeputyStep = { readonly phase: DeputyPhase; readonly action: DeputyAction }

/** Reads one frame of the agent in `phase`. A frame out of turn, or one that does not fit, is a violation. */
export function stepAgentFrame(phase: DeputyPhase, { type, payload }: Frame): DeputyStep {
  if (phase === 'asked' && type === 'started') {
    const read = decodePayload(StartedPayload, payload)
    return read.kind === 'violation'
      ? broken(read.reason)
      : { phase: 'running', action: { ...read, kind: 'started' } }
  }
  if (phase === 'asked' && type === 'refused') {
    const read = decodePayload(RefusedPayload, payload)
    return read.kind === 'violation'
      ? broken(read.reason)
      : { phase: 'done', action: { ...read, kind: 'refused' } }
  }
  if (phase !== 'running') return broken(`${type} while ${phase}`)
  switch (type) {
    case 'stdout':
    case 'stderr':
      return { phase, action: { kind: type, bytes: payload } }
    case 'credit': {
      const read = decodePayload(CreditPayload, payload)
      if (read.kind === 'violation') return broken(read.reason)
      return { phase, action: { kind: 'credit', bytes: read.payload.bytes } }
    }
    case 'ended': {
      const read = decodePayload(EndedPayload, payload)
      return read.kind === 'violation'
        ? broken(read.reason)
        : { phase: 'done', action: { ...read, kind: 'ended' } }
    }
    default:
      return broken(`${type} while ${phase}`)
  }
}

function broken(reason: string): DeputyStep {
  return { phase: 'done', action: { kind: 'violation', reason } }
}
