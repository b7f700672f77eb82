/** Runs `work` once, `delayMs` from now at the earliest, unless the returned function was called before. */
export type After = (delayMs: number, work: () => void) => () => void

/** Longest delay of a Node timer; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** {@link After} on the real clock; it does not keep the program alive. */
export const afterRealTime: After = (delayMs, work) => {
  const timer = setTimeout(work, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}

/** The alarm clock of a store: one timer, set to the next key that is due. */
export type ExpiryTimer = {
  /** Sets the alarm to `dueAtMs` (wall clock), or off for `undefined`. */
  arm(dueAtMs: number | undefined): void
  stop(): void
}

/** A timer that calls `sweep` when a key is due by `now`, or a little later; `sweep` arms it again. */
export function createExpiryTimer(now: () => number, after: After, sweep: () => void): ExpiryTimer {
  let armedForMs: number | undefined
  let cancel: (() => void) | undefined
  const stop = (): void => {
    cancel?.()
    cancel = undefined
    armedForMs = undefined
  }
  const arm = (dueAtMs: number | undefined): void => {
    if (dueAtMs === armedForMs) return
    stop()
    if (dueAtMs === undefined) return
    armedForMs = dueAtMs
    // Timers may fire a fraction of a millisecond early by the wall clock: one more spares a second round.
    const delayMs = Math.min(MAX_DELAY_MS, Math.max(0, dueAtMs - now()) + 1)
    cancel = after(delayMs, () => {
      stop()
      sweep()
    })
  }
  return { arm, stop }
}
