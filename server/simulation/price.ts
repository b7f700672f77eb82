import { pairedRatio } from './statistics/interval.ts'
import { type Ci, ciOf, type Result, resultOf, type Series } from './statistics/result.ts'

/** What it costs to place once: our slowdown over that of the same placement with migration that is free. */
export type Price = Pick<Result, 'workload' | 'load' | 'reportAgeS' | 'nodes' | 'seeds'> & {
  /** 1.03: three percent slower than with free migration. */
  readonly mean: number
  readonly meanCi: Ci
  readonly p99: number
  readonly p99Ci: Ci
}

/** The price in each experiment where both were simulated. */
export function pricesOf(all: readonly Series[]): readonly Price[] {
  return all.flatMap(ours => {
    const free = all.find(
      ({ experiment, policy }) => policy === 'free-migration' && experiment === ours.experiment,
    )
    if (ours.policy !== 'godwit' || free === undefined) return []
    const { workload, load, reportAgeS, nodes, seeds } = resultOf(ours)
    const mean = ratioOf(ours, free, 'mean')
    const p99 = ratioOf(ours, free, 'p99')
    return [
      {
        workload,
        load,
        reportAgeS,
        nodes,
        seeds,
        mean: mean.mean,
        meanCi: ciOf(mean),
        p99: p99.mean,
        p99Ci: ciOf(p99),
      },
    ]
  })
}

function ratioOf(a: Series, b: Series, name: 'mean' | 'p99'): ReturnType<typeof pairedRatio> {
  return pairedRatio(
    a.figures.map(one => one[name]),
    b.figures.map(one => one[name]),
  )
}
