import { rounded } from '../stats.ts'
import { GIVEN_UP_SLOWDOWN } from './rules.ts'

/** What became of one job. Seconds count from the first moment a job could come; `aloneS` is what it takes alone. */
export type JobOutcome = {
  readonly id: number
  readonly askedS: number
  readonly endS: number
  readonly aloneS: number
  readonly isDone: boolean
  readonly oomKills: number
}

/** What one turn of a policy comes to. */
export type TurnFigures = {
  readonly jobs: number
  /** From the first arrival to the end of the last job, seconds. */
  readonly makespanS: number
  /** Over all jobs: how many times longer than alone each took; one that failed counts as the worst there can be. */
  readonly meanSlowdown: number
  readonly p50Slowdown: number
  readonly p90Slowdown: number
  /** Over those that were done. */
  readonly meanSlowdownOfDone: number
  readonly oomKills: number
  readonly failed: number
}

/** The figures of a turn, or of the simulator's for the same jobs. Throws RangeError for no jobs. */
export function turnFigures(outcomes: readonly JobOutcome[]): TurnFigures {
  if (outcomes.length === 0) throw new RangeError('the figures of no jobs')
  const all = outcomes.map(slowdownOf).sort((a, b) => a - b)
  const done = outcomes.filter(({ isDone }) => isDone).map(slowdownOf)
  const firstS = Math.min(...outcomes.map(({ askedS }) => askedS))
  return {
    jobs: outcomes.length,
    makespanS: rounded(Math.max(...outcomes.map(({ endS }) => endS)) - firstS),
    meanSlowdown: rounded(mean(all)),
    p50Slowdown: rounded(atShare(all, 0.5)),
    p90Slowdown: rounded(atShare(all, 0.9)),
    meanSlowdownOfDone: done.length === 0 ? Number.NaN : rounded(mean(done)),
    oomKills: outcomes.reduce((sum, { oomKills }) => sum + oomKills, 0),
    failed: outcomes.length - done.length,
  }
}

/** One that failed, and one that took longer than anybody waits here, is as slow as one that was given up. */
function slowdownOf({ askedS, endS, aloneS, isDone }: JobOutcome): number {
  return isDone ? Math.min(GIVEN_UP_SLOWDOWN, (endS - askedS) / aloneS) : GIVEN_UP_SLOWDOWN
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Nearest rank. */
function atShare(ascending: readonly number[], share: number): number {
  return ascending[Math.ceil(share * ascending.length) - 1] ?? Number.NaN
}
