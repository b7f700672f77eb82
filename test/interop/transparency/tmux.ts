import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../native/relay.ts'

/** A terminal of 80 by 24 with bash in it, that a test can type into and look at. */
export type Terminal = {
  /** Types keys by tmux' names (`C-c`, `Enter`); a text types itself. */
  keys(...keys: readonly string[]): void
  /** Types a line and Enter. */
  line(text: string): void
  /** What is to be seen, without trailing blanks. */
  screen(): string
  /** Waits until the screen shows this. */
  shows(pattern: RegExp | string): Promise<void>
  resize(columns: number, rows: number): void
  close(): void
}

/** Starts tmux on a socket of its own; `RUN` is set in its shell, and the prompt is `$ `. */
export async function openTerminal(prefix: readonly string[], cwd: string): Promise<Terminal> {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-tmux-'))
  const tmux = (...args: readonly string[]) =>
    execFileSync('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...args], { encoding: 'utf8' })
  const rcFile = join(folder, 'rc')
  writeFileSync(rcFile, "PS1='$ '; unset HISTFILE\n")
  const environment = { RUN: prefix.join(' '), LC_ALL: 'C.UTF-8' }
  const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`])
  tmux(
    'new-session',
    '-d',
    '-x',
    '80',
    '-y',
    '24',
    '-c',
    cwd,
    ...variables,
    `exec bash --noprofile --rcfile ${rcFile} -i`,
  )
  const screen = () => tmux('capture-pane', '-p').replace(/[ \n]+$/, '')
  const shows = (pattern: RegExp | string) =>
    until(() => (typeof pattern === 'string' ? screen().includes(pattern) : pattern.test(screen()))).catch(
      () => {
        throw new Error(`the terminal does not show ${pattern}:\n${screen()}`)
      },
    )
  const keys = (...names: readonly string[]) => void tmux('send-keys', ...names)
  await shows(/^\$$/m)
  return {
    keys,
    line: text => {
      tmux('send-keys', '-l', text)
      keys('Enter')
    },
    screen,
    shows,
    resize: (columns, rows) => void tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`),
    close: () => {
      spawnSync('tmux', ['-S', join(folder, 'socket'), 'kill-server'])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
