import { formatBytes } from '../../config/values/bytes.ts'
import type { ProcessRecord } from '../../protocol/process.ts'

/** What of a limit is worth asking for the next time, in its parts: half as much again. */
const NEXT_TIME = 1.5
const MIB = 2 ** 20

/** `0`, `7`, `SIGKILL (out of memory)`, or the reason for there being no status: one cell of a table. */
export function endingText(record: ProcessRecord): string {
  if (record.ending === null) return record.reason ?? ''
  const { exitStatus, oomKilled, signal } = record.ending
  return `${signal ?? exitStatus ?? 'unknown'}${oomKilled ? ' (out of memory)' : ''}`
}

/** Why a process is over, as a sentence with its numbers; `still runs` when it is not. */
export function endingReason(record: ProcessRecord): string {
  const { ending, reason, state } = record
  if (state === 'lost') return `lost: ${reason ?? 'its node fell silent'}; nobody knows how far it came`
  if (state === 'refused') return `never started: ${reason ?? 'the node refused it'}`
  if (ending === null) return state === 'running' ? 'still runs' : 'not started yet'
  if (ending.oomKilled) return outOfMemory(record)
  if (ending.signal !== null) return `killed by ${ending.signal}`
  return ending.exitStatus === 0 ? 'done' : `exit status ${ending.exitStatus ?? 'unknown'}`
}

/** The kernel counts the limit and the peak; without a limit of its own, the node as a whole was full. */
function outOfMemory({ usage, memoryMaxBytes, reservedBytes }: ProcessRecord): string {
  const peakBytes = usage?.peakMemoryBytes ?? null
  const used = peakBytes === null ? '' : `: used ${formatBytes(peakBytes)}`
  const allowed =
    memoryMaxBytes == null ? ', its node had no more' : ` of ${formatBytes(memoryMaxBytes)} allowed`
  const wantBytes = Math.max(memoryMaxBytes ?? 0, peakBytes ?? 0, reservedBytes) * NEXT_TIME
  return `out of memory${used}${allowed}; next time: --mem ${Math.ceil(wantBytes / MIB)}M`
}
