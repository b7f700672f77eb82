import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { LabStatus } from '../../../lab/status.ts'
import { Ending } from '../../../protocol/process.ts'
import { startGodwit } from '../../e2e/godwit.ts'
import { jobCommand } from '../../jobs/install.ts'
import type { JobSize } from '../../jobs/job-size.ts'

/** How one `godwit run` of a job went. `node` is the last it was placed on; `null` where none was found. */
export type Attempt = {
  readonly node: string | null
  readonly isDone: boolean
  readonly oomKilled: boolean
  readonly cpuSeconds: number | null
  readonly peakMemoryBytes: number | null
  /** Why it is not done: the last that `godwit run` told, or that its time was over. */
  readonly why: string | null
}

const Event = z.object({
  event: z.string(),
  node: z.string().optional(),
  ending: Ending.optional(),
  usage: z.object({ cpuSeconds: z.number().nullable(), peakMemoryBytes: z.number().nullable() }).optional(),
})

/** After SIGTERM the process has this long, then the command is killed too. */
const LEAVE_MS = 15_000

/** Runs a job once, as anybody would, and gives it up after `limitMs`. Never rejects but by `signal`. */
export async function runJob(
  lab: LabStatus,
  size: JobSize,
  { folder, name, limitMs, signal }: { folder: string; name: string; limitMs: number; signal: AbortSignal },
): Promise<Attempt> {
  const eventsPath = join(folder, `${name}.jsonl`)
  await rm(eventsPath, { force: true })
  signal.throwIfAborted()
  const run = startGodwit(lab, ['run', '--json-events', eventsPath, '--', ...jobCommand(size)], {
    inside: true,
  })
  const end = await endOf(run.child, limitMs, signal)
  signal.throwIfAborted()
  const text = await readFile(eventsPath, 'utf8').catch(() => '')
  return attemptOf(text, end, run.out(), run.err())
}

/** What `godwit run` itself says begins with this; what to do next is on lines of its own. */
const TOLD = 'godwit: '

type End = { readonly status: number | null; readonly isGivenUp: boolean }

/** What the events, the end and the output of a run say of it. */
export function attemptOf(eventLines: string, end: End, stdout: string, stderr: string): Attempt {
  const events = eventLines
    .split('\n')
    .filter(line => line !== '')
    .map(line => Event.parse(JSON.parse(line)))
  const ended = events.findLast(({ event }) => event === 'ended')
  const isDone = !end.isGivenUp && end.status === 0 && stdout.endsWith('done\n')
  const said = stderr
    .split('\n')
    .findLast(line => line.startsWith(TOLD))
    ?.slice(TOLD.length)
  return {
    node: events.findLast(({ event }) => event === 'placed' || event === 'started')?.node ?? null,
    isDone,
    oomKilled: ended?.ending?.oomKilled ?? false,
    cpuSeconds: ended?.usage?.cpuSeconds ?? null,
    peakMemoryBytes: ended?.usage?.peakMemoryBytes ?? null,
    why: isDone ? null : end.isGivenUp ? 'its time was over' : (said ?? `status ${end.status}`),
  }
}

/** Waits for the end of the command itself: what still holds its streams must not hold up the turn. */
function endOf(child: ReturnType<typeof startGodwit>['child'], limitMs: number, signal: AbortSignal) {
  return new Promise<End>(resolve => {
    let isGivenUp = false
    const leave = () => {
      isGivenUp = true
      child.kill('SIGTERM')
      killTimer = setTimeout(() => child.kill('SIGKILL'), LEAVE_MS)
    }
    let killTimer: NodeJS.Timeout | undefined
    const limitTimer = setTimeout(leave, limitMs)
    signal.addEventListener('abort', leave)
    child.once('exit', status => {
      clearTimeout(limitTimer)
      clearTimeout(killTimer)
      signal.removeEventListener('abort', leave)
      // The last words of the command may still be in its pipe.
      setTimeout(() => resolve({ status, isGivenUp }), 50)
    })
  })
}
