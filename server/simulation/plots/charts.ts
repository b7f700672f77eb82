import type { SimulationReport } from '../report.ts'
import type { Result } from '../statistics/result.ts'
import { type Chart, FRAME } from './chart.ts'

/** Those whose curves are told apart in one picture; the others are in the tables. */
const SHOWN: readonly string[] = [
  'godwit',
  'oracle',
  'free-migration',
  'e-pvm-learned',
  'e-pvm-hints',
  'least-loaded',
  'power-of-two',
  'icecream',
  'openmosix-all',
]
const HEIGHT = 340
const WIDTH = 560

/** What a report can be drawn as; pictures for which it has fewer than two points are left out. */
export function chartsOf({ results, priceOfMigrateOnce }: SimulationReport): readonly Chart[] {
  const j1 = results.filter(({ workload, nodes }) => workload === 'j1' && nodes === 16)
  const byLoad = j1.filter(({ reportAgeS }) => reportAgeS === 1)
  const byAge = j1.filter(({ load }) => load === 0.8)
  const prices = priceOfMigrateOnce.filter(
    ({ reportAgeS, nodes }) => reportAgeS === 1 && (nodes === 16 || nodes === 6),
  )
  return [
    ...curves('simulate-load', 'Mean slowdown by load (J1, reports 1 s old)', byLoad, 'load', 'load'),
    ...curves(
      'simulate-report-age',
      'Mean slowdown by age of reports (J1, load 0.8)',
      byAge,
      'reportAgeS',
      'seconds between reports',
    ),
    ...(prices.length < 2 ? [] : [priceChart(prices)]),
  ]
}

function curves(
  name: string,
  title: string,
  results: readonly Result[],
  field: 'load' | 'reportAgeS',
  axis: string,
): readonly Chart[] {
  const values = results.filter(({ policy }) => SHOWN.includes(policy))
  if (new Set(values.map(one => one[field])).size < 2) return []
  return [
    {
      name,
      spec: {
        ...FRAME,
        title,
        width: WIDTH,
        height: HEIGHT,
        data: { values: values.map(one => ({ policy: one.policy, x: one[field], mean: one.mean })) },
        mark: { type: 'line', point: true, clip: true },
        encoding: {
          x: {
            field: 'x',
            type: field === 'load' ? 'quantitative' : 'ordinal',
            title: axis,
            scale: field === 'load' ? { zero: false } : {},
          },
          y: {
            field: 'mean',
            type: 'quantitative',
            title: 'mean slowdown (log)',
            scale: { type: 'log', domain: [1, 8] },
          },
          color: { field: 'policy', sort: [...SHOWN], title: null, scale: { scheme: 'category10' } },
          strokeDash: { condition: { test: "datum.policy == 'oracle'", value: [4, 3] }, value: [1, 0] },
        },
      },
    },
  ]
}

function priceChart(prices: SimulationReport['priceOfMigrateOnce']): Chart {
  const values = prices.flatMap(({ workload, load, mean, p99 }) => {
    const where = load === null ? workload : `${workload}, load ${load}`
    return [
      { where, figure: 'mean', percent: (mean - 1) * 100 },
      { where, figure: 'p99', percent: (p99 - 1) * 100 },
    ]
  })
  return {
    name: 'simulate-price',
    spec: {
      ...FRAME,
      title: 'Price of placing once: slower than with free migration by',
      width: WIDTH,
      height: { step: 14 },
      data: { values },
      mark: 'bar',
      encoding: {
        y: { field: 'where', type: 'nominal', title: null, sort: null, axis: { labelLimit: 260 } },
        yOffset: { field: 'figure' },
        x: { field: 'percent', type: 'quantitative', title: '%' },
        color: { field: 'figure', title: null },
      },
    },
  }
}
