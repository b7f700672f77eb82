import { renderTable } from '../../../cli/output.ts'
import type { Comparison } from './report.ts'

/** The comparison for people. */
export function comparisonTable({ results, ranking, ratios }: Comparison): string {
  const head = ['POLICY', '', 'MEAN', 'P50', 'P90', 'MAKESPAN', 'OOM KILLS', 'FAILED', 'HOST, OTHERS']
  const rows = results.flatMap(({ policy, measured, simulated, ownCores, otherCores }) =>
    [['measured', measured] as const, ['simulated', simulated] as const].map(([side, figures]) => [
      side === 'measured' ? policy : '',
      side,
      figures.meanSlowdown.toFixed(2),
      figures.p50Slowdown.toFixed(2),
      figures.p90Slowdown.toFixed(2),
      `${figures.makespanS.toFixed(0)} s`,
      `${figures.oomKills}`,
      `${figures.failed} of ${figures.jobs}`,
      side === 'measured' ? `${ownCores.toFixed(1)}, ${otherCores.toFixed(1)} cores` : '',
    ]),
  )
  const verdict = ranking.isSame
    ? `The simulator ranks them the same way: ${ranking.measured.join(', ')}`
    : `Measured: ${ranking.measured.join(', ')}; the simulator: ${ranking.simulated.join(', ')}`
  const lines = Object.entries(ratios).map(([name, ratio]) => [name, ratio.toFixed(2)])
  return [
    renderTable(head, rows),
    verdict,
    ...(lines.length > 0 ? [renderTable(['RATIO', ''], lines)] : []),
  ].join('\n\n')
}
