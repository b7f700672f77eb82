import * as z from 'zod'

/** One run as it is remembered; `null` where it does not tell. */
const Run = z.object({
  threads: z.number().nonnegative().nullable(),
  announcedThreads: z.number().positive().nullable(),
  bytes: z.number().nonnegative().nullable(),
  announcedBytes: z.number().positive().nullable(),
  lifeMs: z.number().nonnegative().nullable(),
  oomKilled: z.boolean(),
})
export type Run = z.output<typeof Run>

/** Runs remembered per key: enough for a 90 % quantile, few enough to follow a program that changes. */
export const WINDOW_RUNS = 32

/** What is kept of one key: a window of its latest runs, newest last, and counts over all. */
export const History = z.object({
  key: z.string().min(1).max(200),
  runs: z.number().int().nonnegative(),
  ooms: z.number().int().nonnegative(),
  lastSeenMs: z.number(),
  /** What memory was multiplied by at `raisedAtMs`; see {@link oomRaise}. */
  raise: z.number().min(1),
  raisedAtMs: z.number(),
  /** Mean of the logarithm of the work of whole runs (processor seconds at speed 1), and of how many. */
  logWork: z.number(),
  workRuns: z.number().int().nonnegative(),
  window: z.array(Run).max(WINDOW_RUNS),
})
export type History = z.output<typeof History>

/** A run killed for memory says that all runs may need more: it outweighs ordinary ones. */
const OOM_WEIGHT = 4

const RAISE_AFTER_OOM = 1.5
/** Four kills in a row; beyond, another look at the program helps more than more memory. */
const MAX_RAISE = RAISE_AFTER_OOM ** 4
/** What a run that ends well leaves of the raise above 1. */
const RAISE_KEPT = 0.8
/** Time after which half of it is forgotten: inputs change within weeks. */
const RAISE_HALF_LIFE_MS = 7 * 86_400_000

/** How recent runs of a window weigh by what happened to them. */
export function runWeight(run: Run | undefined): number {
  return run?.oomKilled ? OOM_WEIGHT : 1
}

/** What memory is to be multiplied by at `nowMs` for the runs that were killed for it. */
export function oomRaise({ raise, raisedAtMs }: History, nowMs: number): number {
  if (raise === 1) return 1
  const halves = Math.max(0, nowMs - raisedAtMs) / RAISE_HALF_LIFE_MS
  return 1 + (raise - 1) * 0.5 ** halves
}

/** The quantile of threads to be prepared for: some more or fewer only cost speed. */
export const THREADS_QUANTILE = 0.75
/** The quantile of memory to be prepared for: too little may cost the process. */
export const MEMORY_QUANTILE = 0.9

function newHistory(key: string): History {
  const counts = { runs: 0, ooms: 0, workRuns: 0 }
  return { ...counts, key, lastSeenMs: 0, raise: 1, raisedAtMs: 0, logWork: 0, window: [] }
}

/** Runs that the mean of the work reaches back to. */
const WORK_RUNS = 32

/**
 * What is known of `key` after one more run of it at `nowMs`. Pure; whoever calls counts the run for its command, its
 * executable and everything. `logWork` is the run's work, see {@link History}, or `null`.
 */
export function learn(
  history: History | undefined,
  key: string,
  run: Run,
  logWork: number | null,
  nowMs: number,
): History {
  const before = history ?? newHistory(key)
  const current = oomRaise(before, nowMs)
  const raised = run.oomKilled
    ? Math.min(MAX_RAISE, current * RAISE_AFTER_OOM)
    : 1 + (current - 1) * RAISE_KEPT
  const workRuns = before.workRuns + (logWork === null ? 0 : 1)
  const step = logWork === null ? 0 : (logWork - before.logWork) / Math.min(workRuns, WORK_RUNS)
  const window = before.window.slice(1 - WINDOW_RUNS)
  window.push(run)
  return {
    key,
    runs: before.runs + 1,
    ooms: before.ooms + (run.oomKilled ? 1 : 0),
    lastSeenMs: nowMs,
    raise: raised < 1.01 ? 1 : raised,
    raisedAtMs: nowMs,
    logWork: before.logWork + step,
    workRuns,
    window,
  }
}
