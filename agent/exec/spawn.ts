import { type ChildProcess, spawn } from 'node:child_process'
import type { Exit } from './ending.ts'
import type { Pipes } from './pipes.ts'
import type { StartCommand } from './start-command.ts'

/** A process that has begun: its id is also its process group and session. */
export type Spawned = { readonly pid: number; readonly exited: Promise<Exit> }

/**
 * Starts `command` on `pipes` as leader of a session of its own. Rejects when the kernel does not start it; then
 * nothing runs.
 */
export function spawnWhole(command: StartCommand, pipes: Pipes): Promise<Spawned> {
  return new Promise((resolve, reject) => {
    const child = begin(command, pipes)
    const exited = new Promise<Exit>(ended => {
      child.once('exit', (code, signal) => ended({ code, signal }))
    })
    child.once('error', error => reject(error))
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve({ pid: child.pid, exited })
    })
  })
}

/** Throws where the kernel says no at once (E2BIG); our copies of the process's ends are closed either way. */
function begin(command: StartCommand, pipes: Pipes): ChildProcess {
  try {
    return spawn(command.file, [...command.args], {
      cwd: command.cwd,
      env: { ...command.env },
      stdio: [...pipes.childFds],
      detached: true,
    })
  } finally {
    pipes.closeChildEnds()
  }
}
