import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type LabStatus, labExecArgv } from '../../lab/status.ts'

const GODWIT = fileURLToPath(new URL('../../cli/godwit.js', import.meta.url))

/** What a finished command left. */
export type Finished = {
  readonly status: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs. `out()` is what it wrote on standard output so far. */
export type Running = { readonly child: ChildProcess; out(): string; readonly done: Promise<Finished> }

/** Starts `godwit ARGS` for a lab: outside its network (relay), or inside (direct) with `inside`. */
export function startGodwit(
  lab: LabStatus,
  args: readonly string[],
  options: { inside?: boolean; stdin?: string } = {},
): Running {
  const own = [process.execPath, GODWIT, '--socket', lab.adminSocket ?? '', ...args]
  const [program = '', ...rest] = options.inside ? labExecArgv(lab, own) : own
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.stdin ?? '')
  const done = once(child, 'close').then(
    ([status, signal]) => ({ status, signal, stdout, stderr }) as Finished,
  )
  return { child, out: () => stdout, done }
}

/** Runs `godwit ARGS` to its end. */
export function godwit(
  lab: LabStatus,
  args: readonly string[],
  options: { inside?: boolean; stdin?: string } = {},
): Promise<Finished> {
  return startGodwit(lab, args, options).done
}

/** Waits until `probe` gives something, asking every `periodMs`; throws with `what` when `limitMs` pass. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  limitMs = 120_000,
  periodMs = 300,
): Promise<T> {
  const deadlineMs = Date.now() + limitMs
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (Date.now() > deadlineMs) throw new Error(`timed out waiting: ${what}`)
    await new Promise(resolve => setTimeout(resolve, periodMs))
  }
}
