import type { ProcessRecord } from '../../protocol/process.ts'

/** How often a program may be started again, and whether also when it ends by itself with a status that is not 0. */
export type RetryWish = { readonly times: number; readonly onFailure: boolean }

/** What is known here of a run that is over. */
export type OverRun = {
  /** What its server has of it, once nothing more is expected. */
  readonly record: Pick<ProcessRecord, 'ending' | 'reason' | 'state'>
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
export function judgeRerun({ interrupted, record, tookInput }: OverRun, { onFailure }: RetryWish): Rerun {
  const why = causeOf(record, onFailure)
  if (interrupted || why === undefined) return { kind: 'no', reason: null }
  if (tookInput) return { kind: 'no', reason: `${why}; not started again: it had begun to read its input` }
  return { kind: 'again', why }
}

function causeOf({ ending, reason, state }: OverRun['record'], onFailure: boolean): string | undefined {
  if (state === 'lost') return reason ?? 'its node was lost'
  if (state !== 'ended' || ending === null) return undefined
  if (ending.oomKilled) return 'out of memory'
  const { exitStatus } = ending
  return onFailure && exitStatus !== null && exitStatus !== 0 ? `exit status ${exitStatus}` : undefined
}
