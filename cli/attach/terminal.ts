import { NO_KEYS, readKeys } from './keys.ts'

/** Signals that are for the process when we get them. A hang-up is not: a terminal that is closed leaves it alone. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** What a person at a terminal, or somebody with `kill`, wants of the process that we are attached to. */
export type Wishes = { readonly onSignal: (name: string) => void; readonly onLeave: () => void }

/** Listens for wishes until the returned function is called, which puts the terminal back. */
export function listenForWishes({ onLeave, onSignal }: Wishes): () => void {
  let keys = NO_KEYS
  const onTyped = (typed: Buffer): void => {
    const read = readKeys(keys, typed)
    keys = read.keys
    for (const signal of read.signals) onSignal(signal)
    if (read.leaves) onLeave()
  }
  for (const signal of PASSED_ON) process.on(signal, onSignal)
  const { stdin } = process
  // Raw, for the keys that leave are otherwise the terminal's own; what is printed looks as before (termios ONLCR stays).
  if (stdin.isTTY) stdin.setRawMode(true).on('data', onTyped)
  return () => {
    for (const signal of PASSED_ON) process.off(signal, onSignal)
    if (stdin.isTTY) stdin.off('data', onTyped).setRawMode(false).pause()
  }
}
