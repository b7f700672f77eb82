import type { After } from '../../server/store/expiry-timer.ts'

/** A wall clock that stands still until told to go on; its timers run inside `advance`, in order. */
export type ManualClock = {
  readonly now: () => number
  readonly after: After
  advance(byMs: number): void
}

/** A {@link ManualClock} that shows `startMs`. */
export function createManualClock(startMs = 1_000_000): ManualClock {
  let nowMs = startMs
  const timers = new Set<{ readonly atMs: number; readonly work: () => void }>()
  const nextDue = () => [...timers].filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs)[0]
  return {
    now: () => nowMs,
    after(delayMs, work) {
      const timer = { atMs: nowMs + delayMs, work }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(byMs) {
      nowMs += byMs
      for (let due = nextDue(); due !== undefined; due = nextDue()) {
        timers.delete(due)
        due.work()
      }
    },
  }
}
