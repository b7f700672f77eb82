import { POLICY_NAMES, type PolicyName } from './policies/policies.ts'
import type { Experiment, Trial } from './trial.ts'
import { findWorkload } from './workloads/workloads.ts'

/** Experiments that share policies and seeds. */
export type Plan = {
  readonly experiments: readonly Experiment[]
  readonly policies: readonly PolicyName[]
  /** How many, counted from 1. */
  readonly seeds: number
}

/** What one asks of a workload; missing fields are the workload's own. */
export type Wish = {
  readonly workload: string
  readonly load?: number
  readonly reportAgeS?: number
  readonly nodes?: number
  readonly jobs?: number
}

const USUAL_LOAD = 0.8
const USUAL_AGE_S = 1
/** On more machines, so many jobs per machine, or the cluster would be empty again before it was full. */
const JOBS_PER_NODE = 100

/** The experiment of a wish. Throws RangeError when there is no such workload. */
export function experimentOf({ workload: name, load, reportAgeS, nodes, jobs }: Wish): Experiment {
  const workload = findWorkload(name)
  if (workload === undefined) throw new RangeError(`there is no workload ${name}`)
  const count = nodes ?? workload.nodes
  return {
    source: { kind: 'workload', workload: name, load: load ?? USUAL_LOAD, nodes: count },
    reportAgeS: reportAgeS ?? USUAL_AGE_S,
    jobs: jobs ?? Math.max(workload.jobs, JOBS_PER_NODE * count),
  }
}

const GATE_SEEDS = 10
const SCALE_SEEDS = 3

function plan(seeds: number, wishes: readonly Wish[]): Plan {
  return { experiments: wishes.map(experimentOf), policies: POLICY_NAMES, seeds }
}

/** All that the gates and the price of placing once need, and nothing else. */
export const QUICK_SUITE: readonly Plan[] = [
  plan(GATE_SEEDS, [
    { workload: 'j1' },
    { workload: 'j1-bursts' },
    { workload: 'j1-bursts', reportAgeS: 15 },
    { workload: 'j1-high-variance' },
  ]),
  plan(SCALE_SEEDS, [{ workload: 'pareto' }, { workload: 'kernel-build' }]),
]

/** What docs/placement.md is written from. */
export const PAPER_SUITE: readonly Plan[] = [
  plan(GATE_SEEDS, [
    ...[0.3, 0.5, 0.7, 0.8, 0.9, 0.95].map(load => ({ workload: 'j1', load })),
    ...[0, 5, 15, 60].map(reportAgeS => ({ workload: 'j1', reportAgeS })),
    ...[1, 5, 15].map(reportAgeS => ({ workload: 'j1-bursts', reportAgeS })),
    ...[0.5, 0.8].map(load => ({ workload: 'j1-high-variance', load })),
    ...[0.5, 0.8].map(load => ({ workload: 'pareto', load })),
    { workload: 'kernel-build' },
  ]),
  plan(
    SCALE_SEEDS,
    [4, 64, 256].map(nodes => ({ workload: 'j1', nodes })),
  ),
]

/** The single simulations of plans, the policies of one seed side by side. */
export function trialsOf(plans: readonly Plan[]): readonly Trial[] {
  return plans.flatMap(({ experiments, policies, seeds }) =>
    experiments.flatMap(experiment =>
      Array.from({ length: seeds }, (_, at) => at + 1).flatMap(seed =>
        policies.map(policy => ({ experiment, policy, seed })),
      ),
    ),
  )
}
