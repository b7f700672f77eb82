import type { Ending } from '../protocol/process.ts'
import { FRAME, type Frame, frameOf } from './frame.ts'
import { decodeTagged, encodeTagged, numberOf, textOf } from './tagged.ts'

/** What a `started` frame says: the main process, where it really runs, and when by the node's clock. */
export type StartedFacts = { readonly pid: number; readonly cwd: string; readonly startedAtMs: number }

/** Of what a process used in all, the figures that a keeper knows; `null` where its kernel does not count. */
export type EndedUsage = {
  readonly cpuSeconds: number | null
  readonly peakMemoryBytes: number | null
  readonly peakThreads: number | null
}

/** What an `ended` frame says; `signals` are names by number, for the ending's text. */
export type EndedFacts = { readonly ending: Ending; readonly usage: EndedUsage; readonly endedAtMs: number }

/** Reads the payload of a `started` frame; `undefined` when it does not say all of it. */
export function readStarted(payload: Uint8Array): StartedFacts | undefined {
  const strings = stringsIn(payload)
  const [pid, cwd] = [numberOf(strings, 'p'), textOf(strings, 'C')]
  const startedAtMs = numberOf(strings, 'm')
  if (pid === undefined || cwd === undefined || startedAtMs === undefined) return undefined
  return { pid, cwd, startedAtMs }
}

/** `frame` (started) with the process' id and the node's name, which only Node knows, added for the deputy. */
export function namedStarted(frame: Frame, process: string, node: string): Frame {
  return withAdded(frame, [
    ['P', process],
    ['n', node],
  ])
}

/** `frame` (ended) with a line that the deputy is to print: why it ended. */
export function explainedEnded(frame: Frame, why: string): Frame {
  return withAdded(frame, [['M', why]])
}

function withAdded(frame: Frame, pairs: readonly (readonly [tag: string, value: string])[]): Frame {
  const added = encodeTagged(pairs)
  const payload = new Uint8Array(frame.payload.length + added.length)
  payload.set(frame.payload)
  payload.set(added, frame.payload.length)
  return frameOf(frame.type, payload)
}

/**
 * Reads the payload of an `ended` frame; `signalName` gives the name of a signal's number. `undefined` when it says
 * neither a status nor a signal.
 */
export function readEnded(
  payload: Uint8Array,
  signalName: (number: number) => string | undefined,
): EndedFacts | undefined {
  const strings = stringsIn(payload)
  const [exitStatus, signalNumber] = [numberOf(strings, 's'), numberOf(strings, 'g')]
  if ((exitStatus === undefined) === (signalNumber === undefined)) return undefined
  const signal = signalNumber === undefined ? null : (signalName(signalNumber) ?? `SIG${signalNumber}`)
  const cpuMicroseconds = numberOf(strings, 'T')
  return {
    ending: { exitStatus: exitStatus ?? null, signal, oomKilled: textOf(strings, 'o') === '1' },
    usage: {
      cpuSeconds: cpuMicroseconds === undefined ? null : cpuMicroseconds / 1e6,
      peakMemoryBytes: numberOf(strings, 'K') ?? null,
      peakThreads: numberOf(strings, 'H') ?? null,
    },
    endedAtMs: numberOf(strings, 'm') ?? 0,
  }
}

/** The end of a process of which nobody can tell more than that it was killed. */
export const KILLED_FRAME: Frame = frameOf(FRAME.ended, encodeTagged([['g', 9]]))

function stringsIn(payload: Uint8Array) {
  const decoded = decodeTagged(payload)
  return decoded.kind === 'tagged' ? decoded.strings : []
}
