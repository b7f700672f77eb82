import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { isatty } from 'node:tty'
import { GodwitError } from '../../protocol/errors.ts'
import { FRAME, type Frame } from '../../streams/frame.ts'

/** Signals that people and shells send to a program; each is the deputy's to pass on, none ends this program. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTSTP'] as const
/**
 * A terminal sends its signals to both of us, `kill` only to the one it names: so on a terminal a signal is passed on
 * only when the deputy is not heard to have got it within this time.
 */
const SAME_SIGNAL_MS = 100

/** Of these, those that no terminal sends: somebody named us, and us alone. */
const BY_HAND: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGUSR1', 'SIGUSR2'])

/** Those that ask a program to end. */
const ENDING: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])

/** How the deputy ended: exactly one is set. */
export type DeputyEnd = { readonly status: number | null; readonly signal: NodeJS.Signals | null }

/** The deputy of one run, which has our three streams. */
export type DeputyProcess = {
  /** A frame of the deputy has gone by; a signal among them has been got. */
  saw(frame: Frame): void
  /** From now on the child is the program itself, which tells us of no signal, and with which we stop (^Z). */
  atHome(): void
  /** Whether somebody wanted it to end: by ^C, `kill`, or a terminal that was closed. */
  interrupted(): boolean
  /** Resolves when it has ended. Rejects with GW_INTERNAL when it could not be started. */
  readonly ended: Promise<DeputyEnd>
}

/** Starts `program` (the deputy) with `args` and this environment, and passes on what signals we get. */
export function startDeputy(
  program: string,
  args: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
): DeputyProcess {
  const child = spawn(program, [...args], { stdio: 'inherit', env })
  let isAtHome = false
  let isInterrupted = false
  const seen = new Map<number, number>()
  const onTerminal = [0, 1, 2].some(fd => isatty(fd))
  const listener = (signal: NodeJS.Signals): void => {
    const number = constants.signals[signal]
    if (ENDING.has(signal)) isInterrupted = true
    const isKnown = (): boolean => Date.now() - (seen.get(number) ?? 0) < 2 * SAME_SIGNAL_MS
    if (!onTerminal || (isAtHome && BY_HAND.has(signal))) child.kill(signal)
    else if (isAtHome) return
    else if (!isKnown()) setTimeout(() => isKnown() || child.kill(signal), SAME_SIGNAL_MS)
  }
  for (const signal of PASSED_ON) process.on(signal, listener)
  return {
    saw(frame) {
      if (frame.type === FRAME.signal) seen.set(frame.payload[0] ?? 0, Date.now())
    },
    atHome() {
      isAtHome = true
      if (onTerminal) process.off('SIGTSTP', listener)
    },
    interrupted: () => isInterrupted,
    // The signals stay ours after it: one more ^C must not hide how the run ended.
    ended: endOf(child),
  }
}

/** Signals do to us what they do by themselves again; to call when a deputy has ended and we go on. */
export function releaseSignals(): void {
  for (const signal of PASSED_ON) process.removeAllListeners(signal)
}

function endOf(child: ChildProcess): Promise<DeputyEnd> {
  return new Promise((resolve, reject) => {
    child.once('error', error =>
      reject(new GodwitError('GW_INTERNAL', `the deputy cannot be started: ${error.message}`)),
    )
    child.once('exit', (status, signal) => resolve({ status, signal }))
  })
}
