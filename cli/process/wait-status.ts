import type { ProcessRecord } from '../../protocol/process.ts'

/** As `godwit run` has them: never started, and nobody knows. */
const STATUS = { refused: 125, lost: 255, signal: 128 } as const

/**
 * The exit status that stands for how a process is over, as a shell's `wait` gives it; `undefined` while it is not.
 * `signalNumber` is that of a signal's name on this system.
 */
export function waitStatus(
  { ending, state }: ProcessRecord,
  signalNumber: (name: string) => number,
): number | undefined {
  if (state === 'refused') return STATUS.refused
  if (state === 'lost') return STATUS.lost
  if (ending === null) return undefined
  if (ending.signal !== null) return STATUS.signal + signalNumber(ending.signal)
  return ending.exitStatus ?? STATUS.lost
}
