import { PUBLISHED } from './policies/policies.ts'
import type { Result } from './statistics/result.ts'

/** One promise of this project about its placement, the figure that was found and whether it is kept. */
export type Gate = {
  readonly name: string
  readonly figure: number
  /** The figure must not be above it. */
  readonly limit: number
  readonly holds: boolean
}

type Where = { readonly workload: string; readonly reportAgeS: number }

const J1: Where = { workload: 'j1', reportAgeS: 1 }
const HIGH_VARIANCE: Where = { workload: 'j1-high-variance', reportAgeS: 1 }
/** Fewer simulations say nothing that could be promised. */
const LEAST_SEEDS = 10
const LOAD = 0.8
const NODES = 16

/** The gates that can be judged by these results; the others are left out. */
export function gatesOf(results: readonly Result[]): readonly Gate[] {
  const find = (policy: string, { workload, reportAgeS }: Where): Result | undefined =>
    results.find(
      one =>
        one.policy === policy &&
        one.workload === workload &&
        one.reportAgeS === reportAgeS &&
        one.load === LOAD &&
        one.nodes === NODES &&
        one.seeds >= LEAST_SEEDS,
    )
  const ours = find('godwit', J1)
  const rivals = PUBLISHED.flatMap(policy => find(policy, J1) ?? [])
  const bestRival = rivals.length === PUBLISHED.length ? Math.min(...rivals.map(({ p99 }) => p99)) : undefined
  const bursts = (reportAgeS: number): number | undefined =>
    find('godwit', { workload: 'j1-bursts', reportAgeS })?.mean
  return [
    gate('J1: mean slowdown', ours?.mean, 1.4),
    gate('J1: p99 slowdown', ours?.p99, 2.6),
    gate('J1: OOM kills per 3,000 jobs', ours?.oomKillsPer3000, 1),
    gate('J1: mean over the oracle’s', ratio(ours?.mean, find('oracle', J1)?.mean), 1.03),
    gate(
      'J1: mean over E-PVM’s with the same learning',
      ratio(ours?.mean, find('e-pvm-learned', J1)?.mean),
      0.9,
    ),
    gate('J1: p99 over the best published one on hints alone', ratio(ours?.p99, bestRival), 0.65),
    gate(
      'high variance: mean over that on hints alone',
      ratio(find('godwit', HIGH_VARIANCE)?.mean, find('godwit-hints', HIGH_VARIANCE)?.mean),
      1,
    ),
    gate(
      'high variance: the same, a failed job counted as 1,000',
      ratio(find('godwit', HIGH_VARIANCE)?.penalisedMean, find('godwit-hints', HIGH_VARIANCE)?.penalisedMean),
      1,
    ),
    gate('bursts: mean at reports 15 s old over that at 1 s', ratio(bursts(15), bursts(1)), 1.1),
  ].flatMap(one => one ?? [])
}

function gate(name: string, figure: number | undefined, limit: number): Gate | undefined {
  return figure === undefined ? undefined : { name, figure, limit, holds: figure <= limit }
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b
}
