/** Signals that people and shells send to a program in the foreground; each is passed on, none ends the deputy. */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** Calls `onSignal` for every forwarded signal until the returned function is called. */
export function forwardedSignals(onSignal: (signal: string) => void): () => void {
  const listener = (signal: NodeJS.Signals) => onSignal(signal)
  for (const signal of FORWARDED) process.on(signal, listener)
  return () => {
    for (const signal of FORWARDED) process.off(signal, listener)
  }
}
