import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type HostProcess, hasLabMark, isAlive, parseProcessStat } from '../host-process.ts'

const POLL_MS = 25

/** The identity of the process that has this number now; `undefined` when none has. */
export function identify(pid: number): HostProcess | undefined {
  return stat(pid)?.id
}

/** The identity of this very process. */
export function ownProcess(): HostProcess {
  const id = identify(process.pid)
  if (id === undefined) throw new Error('/proc/self/stat cannot be read: is /proc mounted?')
  return id
}

/** Whether exactly this process is still at work; a zombie is not. */
export function alive(id: HostProcess): boolean {
  return isAlive(id, stat(id.pid))
}

/** The living processes, except this one, whose environment says that they belong to the lab. */
export function markedProcesses(labId: string): readonly HostProcess[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(name => hasLabMark(readOrEmpty(`/proc/${name}/environ`), labId))
    .map(name => identify(Number(name)))
    .filter(id => id !== undefined)
    .filter(alive)
}

/** Sends a signal to exactly this process; false when it has ended already or may not be signalled. */
export function signalProcess(id: HostProcess, signal: NodeJS.Signals): boolean {
  if (!alive(id)) return false
  try {
    return process.kill(id.pid, signal)
  } catch {
    return false
  }
}

/** Waits until all of `ids` have ended, `timeoutMs` at the longest; returns those that have not. */
export async function waitForEnd(
  ids: readonly HostProcess[],
  timeoutMs: number,
): Promise<readonly HostProcess[]> {
  const deadline = performance.now() + timeoutMs
  let left = ids.filter(alive)
  while (left.length > 0 && performance.now() < deadline) {
    await delay(POLL_MS)
    left = left.filter(alive)
  }
  return left
}

/** Ends processes: SIGTERM, `graceMs` to go by themselves, then SIGKILL. Returns those that outlived even that. */
export async function endProcesses(
  ids: readonly HostProcess[],
  graceMs: number,
): Promise<readonly HostProcess[]> {
  for (const id of ids) signalProcess(id, 'SIGTERM')
  const stubborn = await waitForEnd(ids, graceMs)
  for (const id of stubborn) signalProcess(id, 'SIGKILL')
  return waitForEnd(stubborn, 5000)
}

function stat(pid: number) {
  return parseProcessStat(readOrEmpty(`/proc/${pid}/stat`))
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process ended meanwhile, or belongs to somebody else.
    return ''
  }
}
