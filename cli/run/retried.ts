import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProcessId } from '../../config/values/node-id.ts'
import { adminClient } from '../admin-client.ts'
import { withSignal } from '../interrupt.ts'
import { statusOf, waitFor } from '../process/wait-for.ts'
import { releaseSignals } from './deputy-process.ts'
import { type PlacedRun, type RunEnd, runPlaced } from './placed.ts'
import { judgeRerun, type RetryWish } from './rerun.ts'

/**
 * After so long without us a node that still lives has ended a process (12 s of silence, 5 s from SIGTERM to SIGKILL,
 * and some for slow ones): two of them never run at once.
 */
const SURELY_ENDED_MS = 20_000

/** Runs it, and again as often as `wish` allows (rerun.ts); answers how the last one went. Rejects as runPlaced does. */
export async function runRetried(
  run: PlacedRun,
  wish: RetryWish,
  tell: (line: string) => void,
): Promise<RunEnd> {
  let former: ProcessId | undefined
  for (let left = wish.times; ; left -= 1) {
    const inputBefore = inputPosition()
    const end = await runPlaced({ ...run, ...(former === undefined ? {} : { rerunOf: former }) })
    if (left === 0 || end.process === undefined || end.interrupted || !mayBeAgain(end, wish)) return end
    releaseSignals()
    const record = await whenOver(run.socketPath, end, tell)
    if (record === undefined) return end
    const tookInput = end.tookInput || inputPosition() !== inputBefore
    const lostAfterStart = end.kind === 'failed'
    const rerun = judgeRerun({ record, lostAfterStart, tookInput, interrupted: false }, wish)
    if (rerun.kind === 'no') {
      if (rerun.reason !== null) tell(rerun.reason)
      return end
    }
    tell(`${end.process}: ${rerun.why}; started again, ${left - 1} more times at most`)
    former = ProcessId.parse(end.process)
  }
}

/** What only the server can tell is asked of it only then. */
function mayBeAgain(end: RunEnd, { onFailure }: RetryWish): boolean {
  if (end.kind === 'failed') return end.error.code === 'GW_NODE_LOST'
  return end.ending.oomKilled || (onFailure && end.ending.exitStatus !== 0)
}

/** The record of a run that is over for certain; `undefined` when the person does not want to wait for that. */
async function whenOver(socketPath: string, end: RunEnd, tell: (line: string) => void) {
  return withSignal(async signal => {
    const process = end.process ?? ''
    if (end.kind === 'failed') {
      tell(end.error.message)
      tell(`waiting until ${process} surely runs no more, ^C gives up`)
    }
    const pause = end.kind === 'failed' ? sleep(SURELY_ENDED_MS, undefined, { signal }) : Promise.resolve()
    const record = await waitFor(adminClient(socketPath), process, signal).catch(() => undefined)
    await pause.catch(() => undefined)
    return signal.aborted || record === undefined || statusOf(record) === undefined ? undefined : record
  })
}

/** How far a file at standard input was read, by whoever has it open; proc_pid_fdinfo(5). */
function inputPosition(): string {
  try {
    return /^pos:\s*(\d+)$/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))?.[1] ?? ''
  } catch {
    return ''
  }
}
