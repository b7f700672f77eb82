import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Debian keeps servers in /usr/sbin, which an ordinary user's PATH lacks. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
/** The end of the output that an error shows. */
const SHOWN_CHARACTERS = 2000

/** A running program of a bench. */
export type Program = {
  readonly pid: number
  /** Resolves when the output matches; rejects with the output when the program ends first or the time is over. */
  until(pattern: RegExp, timeoutMs?: number): Promise<void>
  /** Writes a line to its standard input; resolves with the next line of its standard output. */
  ask(line: string): Promise<string>
  /** Resolves when it ended by itself with status 0, with its standard output; rejects with the output otherwise. */
  finished(): Promise<string>
  /** Ends it (SIGTERM, after three seconds SIGKILL) and resolves when it is gone. */
  end(): Promise<void>
}

/** Starts a program whose output is kept for errors. */
export function startProgram(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const [command = '', ...args] = argv
  const child = spawn(command, args, { stdio: 'pipe', env: { ...process.env, PATH, ...env } })
  const kept = { all: '', stdout: '' }
  const listeners = new Set<() => void>()
  const keep = (text: string) => {
    // Only the end matters for people, and only what is matched before it has scrolled away.
    kept.all = (kept.all + text).slice(-100_000)
    for (const listener of listeners) listener()
  }
  const lines = createInterface({ input: child.stdout })
  const waiting: ((line: string) => void)[] = []
  lines.on('line', line => {
    kept.stdout += `${line}\n`
    keep(`${line}\n`)
    waiting.shift()?.(line)
  })
  child.stderr.on('data', chunk => keep(String(chunk)))
  child.stdin.on('error', () => {})
  let status: number | null | undefined
  const ended = new Promise<void>(resolve => {
    child.once('error', error => {
      keep(`${error}\n`)
      status ??= null
      resolve()
    })
    child.once('close', code => {
      status ??= code
      resolve()
    })
  })
  const failure = (why: string) =>
    new Error(`${argv.join(' ').slice(0, 200)}: ${why}\n${kept.all.slice(-SHOWN_CHARACTERS)}`)
  const orEnded = <T>(work: Promise<T>) =>
    Promise.race([work, ended.then(() => Promise.reject(failure('it ended')))])

  return {
    pid: child.pid ?? 0,
    until: (pattern, timeoutMs = 20_000) => {
      let timer: NodeJS.Timeout | undefined
      let look = () => {}
      const matched = new Promise<void>((resolve, reject) => {
        look = () => {
          if (pattern.test(kept.all)) resolve()
        }
        listeners.add(look)
        timer = setTimeout(() => reject(failure(`no ${pattern} after ${timeoutMs} ms`)), timeoutMs)
        look()
      })
      return orEnded(matched).finally(() => {
        clearTimeout(timer)
        listeners.delete(look)
      })
    },
    ask: line => {
      const answer = new Promise<string>(resolve => void waiting.push(resolve))
      child.stdin.write(`${line}\n`)
      return orEnded(answer)
    },
    finished: async () => {
      await ended
      if (status !== 0) throw failure(`it ended with ${child.signalCode ?? status}`)
      return kept.stdout
    },
    end: async () => {
      if (status !== undefined) return
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), 3000)
      await ended
      clearTimeout(hard)
    },
  }
}
