import { outOfMemoryText } from '../../protocol/out-of-memory.ts'
import type { ProcessRecord } from '../../protocol/process.ts'

/** `0`, `7`, `SIGKILL (out of memory)`, or the reason for there being no status: one cell of a table. */
export function endingText(record: ProcessRecord): string {
  if (record.ending === null) return record.reason ?? ''
  const { exitStatus, oomKilled, signal } = record.ending
  const why = oomKilled ? 'out of memory' : record.reason
  return `${signal ?? exitStatus ?? 'unknown'}${why === null ? '' : ` (${why})`}`
}

/** Why a process is over, as a sentence with its numbers; `still runs` when it is not. */
export function endingReason(record: ProcessRecord): string {
  const { ending, reason, state } = record
  if (state === 'lost') return `lost: ${reason ?? 'its node fell silent'}; nobody knows how far it came`
  if (state === 'refused') return `never started: ${reason ?? 'the node refused it'}`
  if (ending === null) return state === 'running' ? 'still runs' : 'not started yet'
  if (ending.oomKilled) return outOfMemory(record)
  const because = reason === null ? '' : `: ${reason}`
  if (ending.signal !== null) return `killed by ${ending.signal}${because}`
  return `${ending.exitStatus === 0 ? 'done' : `exit status ${ending.exitStatus ?? 'unknown'}`}${because}`
}

function outOfMemory({ usage, memoryMaxBytes = null, reservedBytes }: ProcessRecord): string {
  return outOfMemoryText({
    peakBytes: usage?.peakMemoryBytes ?? null,
    limitBytes: memoryMaxBytes,
    reservedBytes,
  })
}
