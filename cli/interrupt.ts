/**
 * Runs `work` with a signal that aborts at ^C, TERM or hang-up; the listeners are gone when it ends, so a second ^C
 * ends the program the ordinary way.
 */
export async function withSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.once(name, onSignal)
  try {
    return await work(stop.signal)
  } finally {
    for (const name of names) process.off(name, onSignal)
  }
}
