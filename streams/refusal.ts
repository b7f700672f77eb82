import { FRAME, type Frame, frameOf } from './frame.ts'
import { decodeTagged, encodeTagged, textOf } from './tagged.ts'

/** Why nothing was started; `not-found` and `not-executable` are the shell's 127 and 126. */
export type Refusal = {
  readonly kind: 'refused' | 'not-found' | 'not-executable'
  readonly code: string
  readonly message: string
}

/** The frame that tells it. */
export function refusedFrame({ kind, code, message }: Refusal): Frame {
  const pairs = [
    ['k', kind],
    ['c', code],
    ['M', message],
  ] as const
  return frameOf(FRAME.refused, encodeTagged(pairs))
}

/** Reads the payload of a `refused` frame; what it does not say becomes a plain refusal. */
export function readRefusal(payload: Uint8Array): Refusal {
  const decoded = decodeTagged(payload)
  const strings = decoded.kind === 'tagged' ? decoded.strings : []
  const kind = textOf(strings, 'k')
  return {
    kind: kind === 'not-found' || kind === 'not-executable' ? kind : 'refused',
    code: textOf(strings, 'c') ?? 'GW_NODE_REFUSED',
    message: textOf(strings, 'M') ?? 'the node gave no reason',
  }
}
