import { simulate } from './engine.ts'
import { createPolicy, type PolicyName } from './policies/policies.ts'
import type { Scenario } from './scenario.ts'
import { type Figures, figuresOf } from './statistics/figures.ts'
import { findWorkload } from './workloads/workloads.ts'

/** Where the jobs come from: a workload by its name, drawn by seed, or a given list. */
export type Source =
  | { readonly kind: 'workload'; readonly workload: string; readonly load: number; readonly nodes: number }
  | { readonly kind: 'arrivals'; readonly name: string; readonly scenario: Scenario }

/** A source of jobs under one age of reports; `jobs` is how many come, ignored for a given list. */
export type Experiment = { readonly source: Source; readonly reportAgeS: number; readonly jobs: number }

/** One simulation: an experiment, a policy, a seed. Policies with the same seed get the same jobs. */
export type Trial = {
  readonly experiment: Experiment
  readonly policy: PolicyName
  readonly seed: number
}

/**
 * What a remote start costs the process beside one at home, seconds: the deputy's connection, ticket and spec, as
 * measured between two machines of a lab.
 */
const REMOTE_START_S = 0.01

/** Runs one simulation; the same trial gives the same figures. */
export function runTrial({ experiment, policy, seed }: Trial): Figures {
  const scenario = scenarioOf(experiment, seed)
  const world = { reportEveryS: experiment.reportAgeS, remoteStartS: REMOTE_START_S }
  return figuresOf(scenario, simulate(scenario, createPolicy(policy, scenario, seed), world))
}

function scenarioOf({ source, jobs }: Experiment, seed: number): Scenario {
  if (source.kind === 'arrivals') return source.scenario
  const workload = findWorkload(source.workload)
  if (workload === undefined) throw new RangeError(`there is no workload ${source.workload}`)
  return workload.create({ load: source.load, nodes: source.nodes, jobs, seed })
}
