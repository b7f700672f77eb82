import { FRAME, type Frame, frameOf } from './frame.ts'
import { decodeTagged, encodeTagged, numberOf, textOf } from './tagged.ts'

/** Exit status of a deputy whose program could not be started (as `env` and `docker run` have it). */
const NOT_STARTED = 125
/** The same for a program that may not be executed, and one that is not there. */
const NOT_EXECUTABLE = 126
const NOT_FOUND = 127
/** Exit status when the node was lost after the start, as ssh has it: nobody knows what became of the program. */
const LOST = 255

/** A failure that ends the deputy: what it prints, and its exit status. */
export type Failure = { readonly status: number; readonly code: string; readonly message: string }

/** The failure of a run whose node was lost. */
export function lostFailure(message: string): Failure {
  return { status: LOST, code: 'GW_NODE_LOST', message }
}

/** The failure of a run that was never started, with the shell's own statuses for its two kinds. */
export function unstartedFailure(kind: string, code: string, message: string): Failure {
  if (kind === 'not-found') return { status: NOT_FOUND, code: 'GW_EXEC_NOT_FOUND', message }
  if (kind === 'not-executable') return { status: NOT_EXECUTABLE, code: 'GW_EXEC_FAILED', message }
  return { status: NOT_STARTED, code, message }
}

/** Tells the deputy to print and end. */
export function failedFrame({ status, code, message }: Failure): Frame {
  return frameOf(
    FRAME.failed,
    encodeTagged([
      ['x', status],
      ['c', code],
      ['M', message],
    ]),
  )
}

/** Reads the payload of a `failed` frame. */
export function readFailure(payload: Uint8Array): Failure {
  const decoded = decodeTagged(payload)
  const strings = decoded.kind === 'tagged' ? decoded.strings : []
  return {
    status: numberOf(strings, 'x') ?? NOT_STARTED,
    code: textOf(strings, 'c') ?? 'GW_NODE_REFUSED',
    message: textOf(strings, 'M') ?? '',
  }
}

/** Tells the deputy that its door is served, and that it may ask; once it has asked, that the door is at work still. */
export function readyFrame(): Frame {
  return frameOf(FRAME.ready)
}

/** Tells the deputy to exec the real program in place. */
export function homeFrame(reason: string): Frame {
  return frameOf(FRAME.home, encodeTagged([['M', reason]]))
}

/** A line for the deputy's standard error. */
export function noticeFrame(message: string): Frame {
  return frameOf(FRAME.notice, encodeTagged([['M', message]]))
}

/** Tells the deputy that its process runs and is left to itself; what `started` said of it goes along. */
export function detachedFrame(started: Frame): Frame {
  return frameOf(FRAME.detached, started.payload)
}

/** Tells the deputy where its process goes. */
export function placedFrame(process: string, node: string, reason: string): Frame {
  return frameOf(
    FRAME.placed,
    encodeTagged([
      ['P', process],
      ['n', node],
      ['M', reason],
    ]),
  )
}
