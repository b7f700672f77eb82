import { InvalidArgumentError } from 'commander'
import { isPolicyName, POLICY_NAMES, type PolicyName } from '../../server/simulation/policies/policies.ts'
import type { Scenario } from '../../server/simulation/scenario.ts'
import { experimentOf, PAPER_SUITE, type Plan, QUICK_SUITE } from '../../server/simulation/suite.ts'
import { WORKLOADS } from '../../server/simulation/workloads/workloads.ts'

/** What was asked for; a missing list means the usual. */
export type SimulateFlags = {
  readonly suite?: 'paper'
  readonly quick?: boolean
  readonly workload?: readonly string[]
  readonly policy?: readonly PolicyName[]
  readonly load?: readonly number[]
  readonly reportAge?: readonly number[]
  readonly nodes?: readonly number[]
  readonly jobs?: number
  readonly seeds?: number
}

/** Seeds of an experiment that is no suite. */
const USUAL_SEEDS = 3
/** Who is compared on a given list, unless others are named. */
const ON_A_LIST: readonly PolicyName[] = ['godwit', 'round-robin', 'random']

/** A comma-separated list of policies. */
export function policyList(text: string): readonly PolicyName[] {
  return text.split(',').map(name => {
    if (isPolicyName(name)) return name
    throw new InvalidArgumentError(`There is no policy ${name}; there are ${POLICY_NAMES.join(', ')}.`)
  })
}

/** A comma-separated list of workloads. */
export function workloadList(text: string): readonly string[] {
  const names = WORKLOADS.map(({ name }) => name)
  return text.split(',').map(name => {
    if (names.includes(name)) return name
    throw new InvalidArgumentError(`There is no workload ${name}; there are ${names.join(', ')}.`)
  })
}

/** A reader of comma-separated numbers from `low` to `high`. */
export function numberList(low: number, high: number): (text: string) => readonly number[] {
  return text =>
    text.split(',').map(word => {
      const value = word.trim() === '' ? Number.NaN : Number(word)
      if (value >= low && value <= high) return value
      throw new InvalidArgumentError(`${word} is no number from ${low} to ${high}.`)
    })
}

/** A reader of one whole number from `low` to `high`. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return text => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= low && value <= high) return value
    throw new InvalidArgumentError(`${text} is no whole number from ${low} to ${high}.`)
  }
}

/** A reader of comma-separated whole numbers from `low` to `high`. */
export function wholeNumberList(low: number, high: number): (text: string) => readonly number[] {
  const one = wholeNumber(low, high)
  return text => text.split(',').map(one)
}

/** What is to be simulated. Policies and seeds narrow a suite; its experiments are fixed. */
export function plansOf(flags: SimulateFlags): readonly Plan[] {
  if (flags.suite === 'paper' || flags.quick) {
    const suite = flags.quick ? QUICK_SUITE : PAPER_SUITE
    return suite.map(plan => ({
      ...plan,
      policies: flags.policy ?? plan.policies,
      seeds: flags.seeds ?? plan.seeds,
    }))
  }
  const experiments = (flags.workload ?? ['j1']).flatMap(workload =>
    orUsual(flags.load).flatMap(load =>
      orUsual(flags.reportAge).flatMap(reportAgeS =>
        orUsual(flags.nodes).map(nodes =>
          experimentOf({
            workload,
            ...(load === undefined ? {} : { load }),
            ...(reportAgeS === undefined ? {} : { reportAgeS }),
            ...(nodes === undefined ? {} : { nodes }),
            ...(flags.jobs === undefined ? {} : { jobs: flags.jobs }),
          }),
        ),
      ),
    ),
  )
  return [{ experiments, policies: flags.policy ?? POLICY_NAMES, seeds: flags.seeds ?? USUAL_SEEDS }]
}

/** The policies on a given list of arrivals, under each age of reports asked for. */
export function plansOnList(name: string, scenario: Scenario, flags: SimulateFlags): readonly Plan[] {
  const experiments = (flags.reportAge ?? [1]).map(reportAgeS => ({
    source: { kind: 'arrivals' as const, name, scenario },
    reportAgeS,
    jobs: scenario.jobs.length,
  }))
  return [{ experiments, policies: flags.policy ?? ON_A_LIST, seeds: flags.seeds ?? USUAL_SEEDS }]
}

function orUsual(values: readonly number[] | undefined): readonly (number | undefined)[] {
  return values ?? [undefined]
}
