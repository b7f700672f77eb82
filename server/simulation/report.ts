import { type Gate, gatesOf } from './gates.ts'
import { type Price, pricesOf } from './price.ts'
import type { Figures } from './statistics/figures.ts'
import { type Result, resultOf, type Series } from './statistics/result.ts'
import type { Trial } from './trial.ts'

/** The document of `godwit simulate --json`. */
export type SimulationReport = {
  readonly results: readonly Result[]
  readonly priceOfMigrateOnce: readonly Price[]
  readonly gates: readonly Gate[]
}

/** Gathers trials of all seeds; `figures` are in the order of `trials`. */
export function reportOf(trials: readonly Trial[], figures: readonly Figures[]): SimulationReport {
  const series = seriesOf(trials, figures)
  const results = series.map(resultOf)
  return { results, priceOfMigrateOnce: pricesOf(series), gates: gatesOf(results) }
}

function seriesOf(trials: readonly Trial[], figures: readonly Figures[]): readonly Series[] {
  const groups = new Map<Trial['experiment'], Map<Trial['policy'], Figures[]>>()
  trials.forEach(({ experiment, policy }, at) => {
    const policies = groups.get(experiment) ?? new Map<Trial['policy'], Figures[]>()
    groups.set(experiment, policies)
    const one = figures[at]
    if (one !== undefined) policies.set(policy, [...(policies.get(policy) ?? []), one])
  })
  return [...groups].flatMap(([experiment, policies]) =>
    [...policies].map(([policy, of]) => ({ experiment, policy, figures: of })),
  )
}
