import type { PolicyName } from '../policies/policies.ts'
import type { Experiment } from '../trial.ts'
import type { Figures } from './figures.ts'
import { type Interval, intervalOf, meanOf } from './interval.ts'

/** The figures of one policy in one experiment, seed by seed. Lists of one experiment are paired: same seeds, same order. */
export type Series = {
  readonly experiment: Experiment
  readonly policy: PolicyName
  readonly figures: readonly Figures[]
}

/** Low and high end of a 95 % confidence interval. */
export type Ci = readonly [number, number]

/** One row of `godwit simulate --json`. Means over seeds; a slowdown of 1 is undisturbed on the best machine. */
export type Result = {
  readonly workload: string
  readonly policy: PolicyName
  /** `null` where jobs have no rate of arrival to set: a build, a given list. */
  readonly load: number | null
  readonly reportAgeS: number
  readonly nodes: number
  readonly jobs: number
  readonly seeds: number
  readonly mean: number
  readonly meanCi: Ci
  readonly p99: number
  readonly p99Ci: Ci
  readonly boundedMean: number
  readonly boundedP99: number
  readonly penalisedMean: number
  readonly makespanS: number
  readonly oomKills: number
  readonly oomKillsPer3000: number
  readonly failed: number
  readonly atHomeShare: number
  readonly wastedCpuS: number
  readonly longestQueue: number
  readonly moves: number
  readonly offeredLoad: number
}

/** The row of a series. */
export function resultOf({ experiment, policy, figures }: Series): Result {
  const { source, reportAgeS } = experiment
  const average = (read: (one: Figures) => number): number => meanOf(figures.map(read))
  const mean = intervalOf(figures.map(one => one.mean))
  const p99 = intervalOf(figures.map(one => one.p99))
  const oomKills = average(one => one.oomKills)
  const jobs = source.kind === 'arrivals' ? source.scenario.jobs.length : experiment.jobs
  return {
    workload: source.kind === 'arrivals' ? source.name : source.workload,
    policy,
    load: source.kind === 'arrivals' || source.workload === 'kernel-build' ? null : source.load,
    reportAgeS,
    nodes: source.kind === 'arrivals' ? source.scenario.machines.length : source.nodes,
    jobs,
    seeds: figures.length,
    mean: mean.mean,
    meanCi: ciOf(mean),
    p99: p99.mean,
    p99Ci: ciOf(p99),
    boundedMean: average(one => one.boundedMean),
    boundedP99: average(one => one.boundedP99),
    penalisedMean: average(one => one.penalisedMean),
    makespanS: average(one => one.makespanS),
    oomKills,
    oomKillsPer3000: (oomKills * 3000) / jobs,
    failed: average(one => one.failed),
    atHomeShare: average(one => one.atHomeShare),
    wastedCpuS: average(one => one.wastedCpuS),
    longestQueue: average(one => one.longestQueue),
    moves: average(one => one.moves),
    offeredLoad: average(one => one.offeredLoad),
  }
}

/** An interval as its two ends. */
export function ciOf({ mean, halfWidth }: Interval): Ci {
  return [mean - halfWidth, mean + halfWidth]
}
