import type { Gate } from '../../server/simulation/gates.ts'
import type { Price } from '../../server/simulation/price.ts'
import type { SimulationReport } from '../../server/simulation/report.ts'
import type { Result } from '../../server/simulation/statistics/result.ts'
import { formatDuration, renderTable } from '../output.ts'

/** The report for people: one table per experiment, then the price of placing once, then the gates. */
export function reportText({ results, priceOfMigrateOnce, gates }: SimulationReport): string {
  const groups = new Map<string, Result[]>()
  for (const result of results) groups.set(titleOf(result), [...(groups.get(titleOf(result)) ?? []), result])
  return [
    ...[...groups].map(([title, rows]) => `${title}\n${resultTable(rows)}`),
    ...(priceOfMigrateOnce.length === 0 ? [] : [priceTable(priceOfMigrateOnce)]),
    ...(gates.length === 0 ? [] : [gateTable(gates)]),
  ].join('\n\n')
}

/** `j1 at load 0.8, reports 1 s old, 16 nodes, 3000 jobs, 10 seeds`. */
function titleOf({ workload, load, reportAgeS, nodes, jobs, seeds }: Result): string {
  const at = load === null ? '' : ` at load ${load}`
  return `${workload}${at}, reports ${reportAgeS} s old, ${nodes} nodes, ${jobs} jobs, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`
}

function resultTable(rows: readonly Result[]): string {
  return renderTable(
    [
      'POLICY',
      'MEAN',
      '± 95 %',
      'P99',
      '≥1 S MEAN',
      'WITH FAILED',
      'OOM KILLS',
      'FAILED',
      'MAKESPAN',
      'AT HOME',
    ],
    rows.map(row => [
      row.policy,
      row.mean.toFixed(3),
      ((row.meanCi[1] - row.meanCi[0]) / 2).toFixed(3),
      row.p99.toFixed(2),
      row.boundedMean.toFixed(3),
      row.penalisedMean.toFixed(2),
      row.oomKills.toFixed(1),
      row.failed.toFixed(1),
      formatDuration(row.makespanS * 1000),
      `${Math.round(row.atHomeShare * 100)} %`,
    ]),
  )
}

function priceTable(prices: readonly Price[]): string {
  const rows = prices.map(price => [
    price.workload,
    price.load === null ? '-' : String(price.load),
    `${price.reportAgeS} s`,
    String(price.nodes),
    percent(price.mean),
    percent(price.p99),
  ])
  const head = ['WORKLOAD', 'LOAD', 'REPORTS', 'NODES', 'MEAN', 'P99']
  return `price of placing once: slower than the same with free migration by\n${renderTable(head, rows)}`
}

function gateTable(gates: readonly Gate[]): string {
  const rows = gates.map(({ name, figure, limit, holds }) => [
    holds ? 'holds' : 'FAILS',
    name,
    figure.toFixed(3),
    `at most ${limit}`,
  ])
  return `gates\n${renderTable(['', 'GATE', 'FIGURE', 'LIMIT'], rows)}`
}

function percent(ratio: number): string {
  return `${((ratio - 1) * 100).toFixed(1)} %`
}
