import { renderTable } from '../../../cli/output.ts'
import { cell } from '../net/cell.ts'
import { type Result, ratioOf } from '../net/turns.ts'
import type { Figures } from '../stats.ts'

/** Peers in the names of ratios. */
const PEERS = [
  ['kea', 'Kea'],
  ['kea-mt2', 'KeaMt2'],
  ['dnsmasq', 'Dnsmasq'],
] as const

/**
 * Ours by the peer's, from the fullest closed loop: `godwitToKeaDoraPerSecond1000`, above 1 where we do more, and
 * `godwitToKeaCpu1000`, CPU per exchange, below 1 where we need less. With first leases: `…FillDoraPerSecond1000`.
 */
export function dhcpRatios(
  results: readonly Result[],
  clients: readonly number[],
  mostUnderWay: number,
): Figures {
  const ratios: Record<string, number> = {}
  for (const count of clients)
    for (const [subject, name] of PEERS) {
      const add = (key: string, phase: string, figure: string) => {
        const ratio = ratioOf(results, `${phase}-${count}`, figure, ['godwit', subject])
        if (ratio !== undefined) ratios[`godwitTo${name}${key}${count}`] = ratio
      }
      add('DoraPerSecond', `closed${mostUnderWay}`, 'doraPerSecond')
      add('FillDoraPerSecond', 'fill', 'doraPerSecond')
      add('Cpu', `closed${mostUnderWay}`, 'serverCpuMsPer1000Dora')
    }
  return ratios
}

/** The results for people: medians, smallest and largest in brackets where there were several runs. */
export function dhcpTable(results: readonly Result[], ratios: Figures): string {
  const columns = [
    'DORA/s',
    'P50 ms',
    'P99 ms',
    'CPU ms/1000',
    'AGAIN',
    'UNANSWERED',
    'NAK',
    'DOUBLE',
    'OTHERS',
  ]
  const rows = results.map(result => {
    const { noOffer = 0, noAck = 0, unanswered = 0, naks = 0, doubleAddresses = 0 } = result.figures
    return [
      result.case,
      result.subject,
      cell(result, 'doraPerSecond', 0),
      cell(result, 'p50Ms', 2),
      cell(result, 'p99Ms', 2),
      cell(result, 'serverCpuMsPer1000Dora', 0),
      ...[noOffer + noAck, unanswered, naks, doubleAddresses].map(String),
      ((result.figures['otherCores'] ?? 0) + (result.figures['stealCores'] ?? 0)).toFixed(2),
    ]
  })
  const lines = Object.entries(ratios).map(([name, ratio]) => [name, ratio.toFixed(2)])
  const tables = [renderTable(['CASE', 'SUBJECT', ...columns], rows)]
  return [...tables, ...(lines.length > 0 ? [renderTable(['RATIO', ''], lines)] : [])].join('\n\n')
}
