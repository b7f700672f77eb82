import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { LabFailure } from '../failure.ts'
import { LAB_MARK } from '../host-process.ts'
import { unshareArgv } from '../namespace.ts'
import { labPaths } from '../paths.ts'
import type { LabRecord } from '../record.ts'
import { SupervisorNews } from '../supervisor/news.ts'

/**
 * Starts the supervisor of the recorded lab in namespaces of its own, detached from this process, and waits
 * until the lab is up. Aborting `signal`, or this process's end, takes the half-started lab down again. Throws
 * LabFailure with the supervisor's reason.
 */
export async function startSupervisor(
  record: LabRecord,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<void> {
  const paths = labPaths(record.plan.labDir, record.plan.runDir)
  const child = spawnSupervisor(record, paths.supervisorLog)
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const stop = () => child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const failure = await readiness(child, onProgress)
  signal.removeEventListener('abort', stop)
  if (failure === undefined) return release(child)
  // It takes the rest of the lab down before it goes.
  await exited
  if (signal.aborted)
    throw new LabFailure('aborted', 'The lab was stopped while it started', 'Nothing is left')
  throw new LabFailure('supervisor-failed', failure.replace(/\.$/, ''), `Its log is ${paths.supervisorLog}`)
}

function spawnSupervisor(record: LabRecord, logPath: string): ChildProcess {
  const [program = '', ...args] = [
    ...unshareArgv(record.plan.userNamespace),
    process.execPath,
    ...['--import', createRequire(import.meta.url).resolve('tsx')],
    fileURLToPath(new URL('../supervisor/main.ts', import.meta.url)),
    record.plan.labDir,
  ]
  const log = openSync(logPath, 'a')
  const child = spawn(program, args, {
    detached: true,
    env: { ...process.env, [LAB_MARK]: record.id },
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  return child
}

// Resolves with undefined when the lab is up, else with why it is not.
function readiness(child: ChildProcess, onProgress: (text: string) => void): Promise<string | undefined> {
  return new Promise(resolve => {
    child.on('message', message => {
      const news = SupervisorNews.safeParse(message)
      if (!news.success) return
      if (news.data.kind === 'progress') onProgress(news.data.text)
      else resolve(news.data.kind === 'ready' ? undefined : news.data.message)
    })
    child.once('error', error => resolve(error.message))
    child.once('exit', (status, signal) => resolve(`The lab's supervisor ended (${signal ?? status})`))
  })
}

// From here on the supervisor lives by itself; this process may end.
function release(child: ChildProcess): void {
  child.removeAllListeners()
  if (child.connected) child.disconnect()
  child.unref()
}
