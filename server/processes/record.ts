import type { Ending, ProcessRecord, ProcessState, Usage } from '../../protocol/process.ts'

/** News of one process. `bootId` is the kernel's, of the node that tells. */
export type ProcessNews =
  | {
      readonly kind: 'started'
      readonly bootId: string
      readonly pid: number
      readonly startedAtMs: number
      readonly usage?: Usage
    }
  | {
      readonly kind: 'ended'
      readonly bootId: string
      readonly startedAtMs: number
      readonly endedAtMs: number
      readonly ending: Ending
      readonly usage: Usage
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'overdue'; readonly reason: string }
  | { readonly kind: 'lost'; readonly reason: string; readonly atMs: number }

/** A process after news of it: changed, as it was (the news is old or a repetition), or news of something else. */
export type ProcessStep =
  | { readonly kind: 'changed'; readonly record: ProcessRecord }
  | { readonly kind: 'same'; readonly record: ProcessRecord }
  | { readonly kind: 'foreign'; readonly reason: string }

/** Whether nothing more is expected of a process in this state. */
export function isFinal(state: ProcessState): boolean {
  return state === 'ended' || state === 'refused' || state === 'lost'
}

/**
 * The life of a process: placed -> running -> ended, with the side exits `refused` (never started) and `lost`.
 *
 * `ended` and `refused` are final. `lost` is a presumption drawn from silence, and only one witness can take it back:
 * the same boot of the same node. When that boot turns up after a network outage and says that the process runs or how
 * it ended, the record says so too; nothing was started twice, since a lost process is never rerun by the server.
 * `overdue` (the server is about to end it) leaves the state as it is, and its reason stays with the ending.
 * A `refused` that was only told by the deputy yields to its node in the same way: the node knows what it started.
 */
export function stepProcess(record: ProcessRecord, news: ProcessNews): ProcessStep {
  switch (news.kind) {
    case 'started':
    case 'ended':
      if (news.bootId !== record.bootId)
        return {
          kind: 'foreign',
          reason: `it was placed in boot ${record.bootId}, not in boot ${news.bootId}`,
        }
      return news.kind === 'started' ? start(record, news) : end(record, news)
    case 'refused':
      return record.state === 'placed'
        ? changed({ ...record, state: 'refused', reason: news.reason })
        : { kind: 'same', record }
    case 'overdue':
      return record.state !== 'running' || record.reason === news.reason
        ? { kind: 'same', record }
        : changed({ ...record, reason: news.reason })
    case 'lost':
      return isFinal(record.state)
        ? { kind: 'same', record }
        : changed({ ...record, state: 'lost', endedAtMs: news.atMs, reason: news.reason })
  }
}

function start(record: ProcessRecord, news: ProcessNews & { kind: 'started' }): ProcessStep {
  if (record.state === 'running' || record.state === 'ended') return { kind: 'same', record }
  const { pid, startedAtMs, usage } = news
  return changed({
    ...record,
    state: 'running',
    pid,
    startedAtMs,
    endedAtMs: null,
    usage: usage ?? record.usage,
    reason: null,
  })
}

function end(record: ProcessRecord, news: ProcessNews & { kind: 'ended' }): ProcessStep {
  if (record.state === 'ended') return { kind: 'same', record }
  const { startedAtMs, endedAtMs, ending, usage } = news
  return changed({
    ...record,
    state: 'ended',
    startedAtMs,
    endedAtMs,
    ending,
    usage,
    reason: record.state === 'running' ? record.reason : null,
  })
}

function changed(record: ProcessRecord): ProcessStep {
  return { kind: 'changed', record }
}
