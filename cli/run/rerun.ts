import type { ProcessRecord } from '../../protocol/process.ts'

/** How often a program may be started again, and whether also when it ends by itself with a status that is not 0. */
export type RetryWish = { readonly times: number; readonly onFailure: boolean }

/** What is known here of a run that is over. */
export type OverRun = {
  /** What its server has of it, once nothing more is expected. */
  readonly record: Pick<ProcessRecord, 'ending' | 'reason' | 'state'>
  /** It was seen to start, and its node lost; an agent that is killed right after a start has not told the server of it. */
  readonly lostAfterStart: boolean
  /** Something of its input was taken, which a second start would not get. */
  readonly tookInput: boolean
  /** Somebody wanted it to end. */
  readonly interrupted: boolean
}

/** Whether to start it again; `reason` says why not, where a person would have expected it. */
export type Rerun =
  | { readonly kind: 'again'; readonly why: string }
  | { readonly kind: 'no'; readonly reason: string | null }

/**
 * Whether a program is started again: when it was lost with its node, when the kernel killed it for memory, and where
 * that is wished, when it failed. Never when somebody ended it, nor when it would miss input that the first one took.
 */
export function judgeRerun(over: OverRun, { onFailure }: RetryWish): Rerun {
  const { interrupted, tookInput } = over
  const why = causeOf(over, onFailure)
  if (interrupted || why === undefined) return { kind: 'no', reason: null }
  if (tookInput) return { kind: 'no', reason: `${why}; not started again: it had begun to read its input` }
  return { kind: 'again', why }
}

function causeOf({ lostAfterStart, record }: OverRun, onFailure: boolean): string | undefined {
  const { ending, reason, state } = record
  if (state === 'refused' && lostAfterStart) return 'its node was lost before it told of the start'
  if (state === 'lost') return reason ?? 'its node was lost'
  if (state !== 'ended' || ending === null) return undefined
  if (ending.oomKilled) return 'out of memory'
  const { exitStatus } = ending
  return onFailure && exitStatus !== null && exitStatus !== 0 ? `exit status ${exitStatus}` : undefined
}
