import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { HostProcess } from '../host-process.ts'
import { identify } from './processes.ts'

/** A long-running program of the lab. */
export type Child = {
  readonly id: HostProcess
  /** How it ended, in words: `status 1`, `SIGKILL`. Never rejects. */
  readonly ended: Promise<string>
  /** Aborted when it has ended. */
  readonly gone: AbortSignal
}

/**
 * Starts a program whose output is appended to `logPath`, and waits until it really runs. Plain child_process:
 * its file descriptor goes to the program itself, so that the log goes on when the supervisor is killed.
 * Rejects when the program cannot be started.
 */
export async function startChild(
  argv: readonly string[],
  logPath: string,
  env: Record<string, string | undefined>,
): Promise<Child> {
  const [program = '', ...args] = argv
  const log = openSync(logPath, 'a')
  const child = spawn(program, args, { env, stdio: ['ignore', log, log] })
  closeSync(log)
  const gone = new AbortController()
  const ended = new Promise<string>(resolve => {
    child.once('exit', (status, signal) => {
      gone.abort()
      resolve(signal ?? `status ${status}`)
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  const id = child.pid === undefined ? undefined : identify(child.pid)
  if (id === undefined) throw new Error(`${program} ended at once (${await ended}), see ${logPath}`)
  return { id, ended, gone: gone.signal }
}
