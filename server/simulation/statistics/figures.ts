import type { JobEnd, Outcome } from '../outcome.ts'
import { aloneS, type Scenario, totalPower } from '../scenario.ts'
import { meanOf } from './interval.ts'
import { quantile } from './quantile.ts'

/** What one simulation comes to. Slowdowns are against the job alone on the machine that suits it best. */
export type Figures = {
  /** Of the jobs that were done. */
  readonly mean: number
  readonly p99: number
  /** The same with a denominator of one second at least, so that the very short do not rule. */
  readonly boundedMean: number
  readonly boundedP99: number
  /** Mean over all jobs, one that failed counted as {@link FAILED_SLOWDOWN}. */
  readonly penalisedMean: number
  readonly makespanS: number
  readonly oomKills: number
  readonly failed: number
  /** Of all jobs. */
  readonly atHomeShare: number
  readonly wastedCpuS: number
  readonly longestQueue: number
  readonly moves: number
  /** Work that came over what the machines could do until the last arrival; as asked for, or a little beside it. */
  readonly offeredLoad: number
}

/** A job that was given up counts as this slow. */
export const FAILED_SLOWDOWN = 1000
const MIN_DENOMINATOR_S = 1

/** The figures of an outcome. */
export function figuresOf(scenario: Scenario, outcome: Outcome): Figures {
  const done = outcome.ends.filter(({ isDone }) => isDone)
  const slowdowns = ascending(done, end => (end.endS - end.askedS) / aloneOn(scenario, end))
  const bounded = ascending(done, end => boundedSlowdown(end.endS - end.askedS, aloneOn(scenario, end)))
  const failed = outcome.ends.length - done.length
  const mean = meanOf(slowdowns)
  const doneSum = done.length === 0 ? 0 : mean * done.length
  const lastAskedS = outcome.ends.reduce((last, { askedS }) => Math.max(last, askedS), 0)
  const workS = scenario.jobs.reduce((sum, job) => sum + job.workS, 0)
  return {
    mean,
    p99: quantile(slowdowns, 0.99),
    boundedMean: meanOf(bounded),
    boundedP99: quantile(bounded, 0.99),
    penalisedMean: (doneSum + failed * FAILED_SLOWDOWN) / outcome.ends.length,
    makespanS: outcome.ends.reduce((last, { endS }) => Math.max(last, endS), 0),
    oomKills: outcome.oomKills,
    failed,
    atHomeShare: outcome.atHome / outcome.ends.length,
    wastedCpuS: outcome.wastedCpuS,
    longestQueue: outcome.longestQueue,
    moves: outcome.moves,
    offeredLoad: workS / (totalPower(scenario.machines) * lastAskedS),
  }
}

/** Slowdown of a job that took `tookS` and takes `alone` seconds undisturbed, not below 1. */
export function boundedSlowdown(tookS: number, alone: number): number {
  return Math.max(1, tookS / Math.max(MIN_DENOMINATOR_S, alone))
}

function aloneOn({ machines }: Scenario, { job }: JobEnd): number {
  const alone = aloneS(job, machines)
  if (alone === null) throw new Error(`job ${job.id} was done where it fits nowhere`)
  return alone
}

function ascending(ends: readonly JobEnd[], value: (end: JobEnd) => number): readonly number[] {
  return ends.map(value).sort((a, b) => a - b)
}
