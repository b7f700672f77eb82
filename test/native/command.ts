import { spawn } from 'node:child_process'

/** What a program did: its output, apart, and its end. */
export type Outcome = {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

/** What may differ from a plain start. */
export type Options = {
  readonly input?: string | Uint8Array
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

/** Runs a program to its end; its input ends after `input`. */
export function command(argv: readonly string[], options: Options = {}): Promise<Outcome> {
  const [file = '', ...args] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
    const texts = { stdout: '', stderr: '' }
    child.stdout.setEncoding('latin1').on('data', text => (texts.stdout += text))
    child.stderr.setEncoding('latin1').on('data', text => (texts.stderr += text))
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.on('error', reject)
    child.on('close', (status, signal) => resolve({ ...texts, status, signal }))
  })
}
