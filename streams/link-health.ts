/** A link says something at least this often, so that silence means something. */
export const PULSE_MS = 1000
/** After this silence a connection counts as broken though nobody closed it: another one is tried. */
const SILENT_MS = 5000
/** A break that lasts longer ends the runs, on both sides: who waits for them must know within 15 s. */
export const BREAK_LIMIT_MS = 12_000
/** Of a time in which we did not look (stopped, swapped out), so much at most is held against the other side. */
const UNSEEN_MAX_MS = 6000

/** How a link is after a silence. */
export type LinkHealth = 'alive' | 'silent' | 'over'

/** What a silence of `silentMs` (since the last octet of the other side) means. */
export function linkHealth(silentMs: number): LinkHealth {
  if (silentMs >= BREAK_LIMIT_MS) return 'over'
  return silentMs >= SILENT_MS ? 'silent' : 'alive'
}

/** The silence of the other side so far, and until when it was counted; milliseconds of a clock that only goes on. */
export type Silence = { readonly silentMs: number; readonly countedToMs: number }

/** The other side was heard, or is excused, at `nowMs`. */
export function heardAt(nowMs: number): Silence {
  return { silentMs: 0, countedToMs: nowMs }
}

/** Nothing was heard until `nowMs`. Whoever looks seldom, because the machine is overloaded, still comes to an end. */
export function lookedAt({ silentMs, countedToMs }: Silence, nowMs: number): Silence {
  return { silentMs: silentMs + Math.min(nowMs - countedToMs, UNSEEN_MAX_MS), countedToMs: nowMs }
}

/** Whether it was us who stood still, for so long that the other side has given us up. */
export function wasAway({ countedToMs }: Silence, nowMs: number): boolean {
  return nowMs - countedToMs >= BREAK_LIMIT_MS
}
