import { renderTable } from '../../../cli/output.ts'
import type { Figures } from '../stats.ts'
import type { BootResult } from './report.ts'

const MEBIBYTE = 2 ** 20

/** The results for people: medians, with smallest and largest in brackets where there were several boots. */
export function bootTable(results: readonly BootResult[], ratios: Figures): string {
  const head = ['FIRMWARE', 'SUBJECT', 'BOOTS', 'INITRD', 'ROOT', 'READY', 'SENT', 'SERVER CPU', 'OTHERS CPU']
  const rows = results.map(result => [
    result.case,
    result.subject,
    `${result.boots}`,
    cell(result, 'secondsToInitrd', 1, 's'),
    cell(result, 'secondsToRootVerified', 1, 's'),
    cell(result, 'secondsToReady', 1, 's'),
    cell(result, 'bytesSent', MEBIBYTE, 'MiB'),
    cell(result, 'serverCpuSeconds', 1, 's'),
    cell(result, 'otherCpuSeconds', 1, 's'),
  ])
  const lines = Object.entries(ratios).map(([name, ratio]) => [name, ratio.toFixed(2)])
  return [renderTable(head, rows), ...(lines.length > 0 ? [renderTable(['RATIO', ''], lines)] : [])].join(
    '\n\n',
  )
}

function cell(result: BootResult, figure: string, unitSize: number, unit: string): string {
  const value = result.figures[figure]
  const range = result.spread[figure]
  if (value === undefined) return '-'
  const text = (number: number) => (number / unitSize).toFixed(unit === 'MiB' ? 1 : 2)
  const around = result.boots > 1 && range ? ` (${text(range.min)}–${text(range.max)})` : ''
  return `${text(value)} ${unit}${around}`
}
