import { chmod, copyFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { execa } from 'execa'
import { GodwitError } from '../../protocol/errors.ts'
import type { Action, Step } from '../plan.ts'
import { syncPath } from './sync.ts'

/** Lines of a failed command's output that its error carries. */
const KEPT_LINES = 15

/**
 * Does all actions of `step` in order; `onLine` gets every line that a command prints. Throws GW_IMAGE_BUILD with
 * the last lines that the command printed, or the signal's reason when `signal` fires: commands then get SIGTERM,
 * and SIGKILL ten seconds later.
 */
export async function runStep(
  step: Step,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  for (const action of step.actions) {
    signal.throwIfAborted()
    await runAction(step, action, signal, onLine)
  }
}

async function runAction(
  step: Step,
  action: Action,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  switch (action.kind) {
    case 'write':
      await mkdir(dirname(action.path), { recursive: true })
      await writeFile(action.path, action.bytes)
      return chmod(action.path, action.executable ? 0o755 : 0o644)
    case 'link':
      await mkdir(dirname(action.path), { recursive: true })
      return symlink(action.target, action.path)
    case 'copy':
      await mkdir(dirname(action.to), { recursive: true })
      await copyFile(action.from, action.to)
      return chmod(action.to, 0o755)
    case 'move':
      await syncPath(action.from)
      return rename(action.from, action.to)
    case 'run':
      return runCommand(step, action, signal, onLine)
  }
}

async function runCommand(
  step: Step,
  { argv, env }: Action & { kind: 'run' },
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const [command = '', ...parameters] = argv
  const child = execa(command, parameters, {
    env: { ...env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
    all: true,
    buffer: false,
    stdin: 'ignore',
    reject: false,
    cancelSignal: signal,
    forceKillAfterDelay: 10_000,
  })
  const tail: string[] = []
  for await (const line of child.iterable({ from: 'all' })) {
    onLine(line)
    if (tail.push(line) > KEPT_LINES) tail.shift()
  }
  const result = await child
  signal.throwIfAborted()
  if (result.failed) {
    const message = `${step.title}: ${result.shortMessage?.split('\n')[0]}`
    throw new GodwitError('GW_IMAGE_BUILD', message, { cause: tail })
  }
}
