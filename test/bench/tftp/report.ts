import { renderTable } from '../../../cli/output.ts'
import { cell } from '../net/cell.ts'
import { type Result, ratioOf } from '../net/turns.ts'
import { type Figures, rounded } from '../stats.ts'
import type { TftpCase } from './cases.ts'

/** Peers in the names of ratios. */
const PEERS = [
  ['dnsmasq', 'Dnsmasq'],
  ['tftpd-hpa', 'TftpdHpa'],
  ['atftpd', 'Atftpd'],
] as const

/**
 * Ours by the peers': `godwitToDnsmasqMBsP16W1`, above 1 where we are faster; `godwitToAtftpdCpuP16W16`, CPU per GB,
 * below 1 where we need less; with a round trip `…RttP1W1`, with loss `…LossP16W1`. By the best of them at the same
 * windowsize: `godwitToBestPeerP50MsRttP1W4`, `godwitToBestPeerP99MsLossP16W4`, below 1 where we are faster. By those
 * who know no windows, ours at 16: `godwitW16ToDnsmasqMBsRttP1`.
 */
export function tftpRatios(results: readonly Result[], cases: readonly TftpCase[]): Figures {
  const ratios: Record<string, number> = {}
  const add = (name: string, ratio: number | undefined) => {
    if (ratio !== undefined) ratios[name] = ratio
  }
  for (const one of cases) {
    for (const [subject, name] of PEERS) {
      const by = (figure: string) => ratioOf(results, one.name, figure, ['godwit', subject])
      add(`godwitTo${name}MBs${keyOf(one)}`, by('megabytesPerSecond'))
      add(`godwitTo${name}Cpu${keyOf(one)}`, by('serverCpuSecondsPerGB'))
      if (one.windowSize === 16)
        add(`godwitW16To${name}MBs${placeOf(one)}`, windowGain(results, one, subject))
    }
    for (const [figure, name] of [
      ['p50Ms', 'P50Ms'],
      ['p99Ms', 'P99Ms'],
    ] as const)
      add(`godwitToBestPeer${name}${keyOf(one)}`, toBest(results, one.name, figure))
  }
  return ratios
}

/** `RttP1W4`, `P16W1`. */
function keyOf(one: TftpCase): string {
  return `${placeOf(one)}W${one.windowSize}`
}

function placeOf({ rttUs, lossPpm, parallel }: TftpCase): string {
  return `${rttUs > 0 ? 'Rtt' : ''}${lossPpm > 0 ? 'Loss' : ''}P${parallel}`
}

/** Our rate at windowsize 16 by that of a peer that knows only 1, in the same place. */
function windowGain(results: readonly Result[], one: TftpCase, peer: string): number | undefined {
  const rate = (subject: string, name: string) =>
    results.find(result => result.subject === subject && result.case === name)?.figures['megabytesPerSecond']
  const [own, other] = [rate('godwit', one.name), rate(peer, one.name.replace(/w16$/, 'w1'))]
  const knowsWindows = rate(peer, one.name) !== undefined
  return own === undefined || other === undefined || other === 0 || knowsWindows
    ? undefined
    : rounded(own / other)
}

/** Our median of a time by the smallest of the peers'. */
function toBest(results: readonly Result[], name: string, figure: string): number | undefined {
  const here = results.filter(result => result.case === name)
  const own = here.find(({ subject }) => subject === 'godwit')?.figures[figure]
  const others = here.filter(({ subject }) => subject !== 'godwit').map(({ figures }) => figures[figure] ?? 0)
  const best = Math.min(...others.filter(value => value > 0))
  return own === undefined || !Number.isFinite(best) ? undefined : rounded(own / best)
}

/** The results for people: medians, smallest and largest in brackets where there were several runs. */
export function tftpTable(results: readonly Result[], ratios: Figures): string {
  const head = ['CASE', 'SUBJECT', 'MB/s', 'P50 ms', 'P99 ms', 'CPU s/GB', 'REPEATED', 'TIMEOUTS', 'OTHERS']
  const rows = results.map(result => [
    result.case,
    result.subject,
    cell(result, 'megabytesPerSecond', 1),
    cell(result, 'p50Ms', 2),
    cell(result, 'p99Ms', 2),
    cell(result, 'serverCpuSecondsPerGB', 2),
    `${result.figures['repeatedBlocks'] ?? '-'}`,
    `${result.figures['timeouts'] ?? '-'}`,
    ((result.figures['otherCores'] ?? 0) + (result.figures['stealCores'] ?? 0)).toFixed(2),
  ])
  const lines = Object.entries(ratios).map(([name, ratio]) => [name, ratio.toFixed(2)])
  const tables = [renderTable(head, rows)]
  return [...tables, ...(lines.length > 0 ? [renderTable(['RATIO', ''], lines)] : [])].join('\n\n')
}
