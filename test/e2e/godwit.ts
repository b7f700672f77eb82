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

/** A command that runs. `out()` and `err()` are what it wrote so far; `endInput()` ends its standard input. */
export type Running = {
  readonly child: ChildProcess
  out(): string
  err(): string
  endInput(): void
  readonly done: Promise<Finished>
}

/** `inside`: in the lab's network, not outside of it. `stdin`: what it reads, nothing by default; `open`: more may come. */
type Start = { readonly inside?: boolean; readonly stdin?: string; readonly open?: boolean }

/** Starts `godwit ARGS` for a lab: outside its network (relay), or inside (direct) with `inside`. */
export function startGodwit(lab: LabStatus, args: readonly string[], options: Start = {}): Running {
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
  child.stdin.write(options.stdin ?? '')
  const endInput = () => void child.stdin.end()
  if (options.open !== true) endInput()
  const done = once(child, 'close').then(
    ([status, signal]) => ({ status, signal, stdout, stderr }) as Finished,
  )
  return { child, out: () => stdout, err: () => stderr, endInput, done }
}

/** Runs `godwit ARGS` to its end. */
export function godwit(lab: LabStatus, args: readonly string[], options: Start = {}): Promise<Finished> {
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
