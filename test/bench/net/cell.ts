import type { Result } from './turns.ts'

/** A median for a table, with smallest and largest in brackets where there were several runs; `-` when there is none. */
export function cell(result: Result, figure: string, digits: number): string {
  const [value, range] = [result.figures[figure], result.spread[figure]]
  if (value === undefined) return '-'
  const around =
    result.runs > 1 && range ? ` (${range.min.toFixed(digits)}–${range.max.toFixed(digits)})` : ''
  return `${value.toFixed(digits)}${around}`
}
