import { renderTable } from '../../../cli/output.ts'
import { cell } from '../net/cell.ts'
import { type Result, ratioOf } from '../net/turns.ts'
import type { Figures } from '../stats.ts'
import type { HttpCase } from './client.ts'

/**
 * Ours by nginx's: `godwitToNginxGBs16`, above 1 where we are faster, and `godwitToNginxCpu16` and
 * `godwitToNginxFirstByteP99Ms16`, below 1 where we need less. The number is how many downloads there are at once.
 */
export function httpRatios(results: readonly Result[], cases: readonly HttpCase[]): Figures {
  const ratios: Record<string, number> = {}
  for (const { name, parallel } of cases)
    for (const [figure, key] of [
      ['gigabytesPerSecond', 'GBs'],
      ['serverCpuSecondsPerGB', 'Cpu'],
      ['firstByteP99Ms', 'FirstByteP99Ms'],
    ] as const) {
      const ratio = ratioOf(results, name, figure, ['godwit', 'nginx'])
      if (ratio !== undefined) ratios[`godwitToNginx${key}${parallel}`] = ratio
    }
  return ratios
}

/** The results for people: medians, smallest and largest in brackets where there were several runs. */
export function httpTable(results: readonly Result[], ratios: Figures): string {
  const head = ['CASE', 'SUBJECT', 'GB/s', 'P50 ms', 'FIRST P50 ms', 'FIRST P99 ms', 'CPU s/GB', 'OTHERS']
  const rows = results.map(result => [
    result.case,
    result.subject,
    cell(result, 'gigabytesPerSecond', 2),
    cell(result, 'p50Ms', 0),
    cell(result, 'firstByteP50Ms', 2),
    cell(result, 'firstByteP99Ms', 2),
    cell(result, 'serverCpuSecondsPerGB', 3),
    ((result.figures['otherCores'] ?? 0) + (result.figures['stealCores'] ?? 0)).toFixed(2),
  ])
  const lines = Object.entries(ratios).map(([name, ratio]) => [name, ratio.toFixed(2)])
  const tables = [renderTable(head, rows)]
  return [...tables, ...(lines.length > 0 ? [renderTable(['RATIO', ''], lines)] : [])].join('\n\n')
}
