import { type Figures, rounded } from '../stats.ts'
import { type TurnFigures, turnFigures } from './figures.ts'
import type { Policy } from './policies.ts'
import type { Progress } from './progress.ts'
import { type ArrivalDocument, arrivalDocument } from './scenario.ts'
import { simulatedFigures } from './simulated.ts'
import { jobsOf } from './workload.ts'

/** One policy: what was measured, and what the simulator says of it for the same arrivals. */
export type PolicyResult = {
  readonly policy: Policy
  readonly measured: TurnFigures
  readonly simulated: TurnFigures
  readonly ownCores: number
  readonly otherCores: number
}

/** All policies by their mean slowdown, best first, as measured and as simulated. */
export type Ranking = {
  readonly measured: readonly Policy[]
  readonly simulated: readonly Policy[]
  readonly isSame: boolean
}

/** What a run comes to. */
export type Comparison = {
  readonly results: readonly PolicyResult[]
  readonly ranking: Ranking
  readonly ratios: Figures
  /** For `godwit simulate --arrivals`. */
  readonly arrivals: ArrivalDocument
}

/** Compares the turns of a run, in their order. Throws RangeError for a run without footprints or turns. */
export function comparisonOf({ plan, footprints, turns }: Progress): Comparison {
  const [first] = turns
  if (footprints === null || first === undefined) throw new RangeError('nothing was measured')
  const arrivals = arrivalDocument(first.machines, jobsOf(plan), footprints)
  const results = turns.map(({ policy, jobs, ownCores, otherCores }) => ({
    policy,
    measured: turnFigures(jobs),
    simulated: simulatedFigures(arrivals, policy, plan.seed),
    ownCores,
    otherCores,
  }))
  const measured = byMean(results, 'measured')
  const simulated = byMean(results, 'simulated')
  const isSame = measured.every((policy, at) => policy === simulated[at])
  return { results, ranking: { measured, simulated, isSame }, ratios: ratiosOf(results), arrivals }
}

function byMean(results: readonly PolicyResult[], side: 'measured' | 'simulated'): readonly Policy[] {
  return results.toSorted((a, b) => a[side].meanSlowdown - b[side].meanSlowdown).map(({ policy }) => policy)
}

const NAMES: Readonly<Partial<Record<Policy, string>>> = { 'round-robin': 'RoundRobin', random: 'Random' }

/** Ours by theirs, below 1 where we are better; the same from the simulator. */
function ratiosOf(results: readonly PolicyResult[]): Figures {
  const ratios: Record<string, number> = {}
  const ours = results.find(({ policy }) => policy === 'godwit')
  for (const { policy, measured, simulated } of results) {
    const name = NAMES[policy]
    if (ours === undefined || name === undefined) continue
    ratios[`godwitTo${name}Slowdown`] = rounded(ours.measured.meanSlowdown / measured.meanSlowdown)
    ratios[`godwitTo${name}Makespan`] = rounded(ours.measured.makespanS / measured.makespanS)
    ratios[`godwitTo${name}SlowdownSimulated`] = rounded(ours.simulated.meanSlowdown / simulated.meanSlowdown)
    ratios[`godwitTo${name}MakespanSimulated`] = rounded(ours.simulated.makespanS / simulated.makespanS)
  }
  return ratios
}
