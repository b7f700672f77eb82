import { renderTable } from '../../../cli/output.ts'
import { cell } from '../net/cell.ts'
import { type Result, ratioOf } from '../net/turns.ts'
import { type Figures, rounded } from '../stats.ts'

/** Peers in the names of ratios. */
const PEERS = [
  ['ssh-mux', 'SshMux'],
  ['ssh', 'Ssh'],
] as const

/**
 * Ours by the peer's, below 1 where we need less: `godwitToSshMuxMedianTrue`, `godwitToSshCpuJava`,
 * `godwitToSshMuxPss`; and what godwit adds to a start at home, in milliseconds: `godwitAddedMsTrue`.
 */
export function spawnRatios(results: readonly Result[]): Figures {
  const ratios: Record<string, number> = {}
  const add = (key: string, name: string, figure: string) => {
    for (const [subject, peer] of PEERS) {
      const ratio = ratioOf(results, name, figure, ['godwit', subject])
      if (ratio !== undefined) ratios[`godwitTo${peer}${key}`] = ratio
    }
  }
  for (const [name, suffix] of [
    ['true', 'True'],
    ['java', 'Java'],
  ] as const) {
    add(`Median${suffix}`, name, 'medianMs')
    add(`Cpu${suffix}`, name, 'cpuMsPerSpawn')
    const median = (who: string) =>
      results.find(one => one.subject === who && one.case === name)?.figures['medianMs']
    const [own, local] = [median('godwit'), median('local')]
    if (own !== undefined && local !== undefined) ratios[`godwitAddedMs${suffix}`] = rounded(own - local)
  }
  add('Pss', 'memory', 'pssKiB')
  return ratios
}

/** The results for people: medians of the turns, smallest and largest in brackets where there were several. */
export function spawnTable(results: readonly Result[], ratios: Figures): string {
  const timed = results.filter(result => result.case === 'true' || result.case === 'java')
  const times = renderTable(
    ['CASE', 'WAY', 'MEDIAN ms', 'P90 ms', 'CPU ms', 'OF IT AT HOME', 'OTHERS'],
    timed.map(result => [
      ...[result.case, result.subject, cell(result, 'medianMs', 2), cell(result, 'p90Ms', 2)],
      ...[cell(result, 'cpuMsPerSpawn', 2), cell(result, 'homeCpuMsPerSpawn', 2), others(result)],
    ]),
  )
  const memory = renderTable(
    ['AT HOME', 'PSS KiB', 'RSS KiB', 'PRIVATE KiB'],
    results
      .filter(result => result.case === 'memory')
      .map(one => [one.subject, ...['pssKiB', 'rssKiB', 'privateKiB'].map(figure => cell(one, figure, 0))]),
  )
  const rate = renderTable(
    ['OFFERED /s', 'ENDED /s', 'FAILED', 'UNDER WAY', 'P50 ms', 'P99 ms', 'CPU ms', 'OTHERS'],
    results
      .filter(result => result.case === 'rate')
      .map(one => [
        ...['offeredPerSecond', 'endedPerSecond', 'failures', 'mostUnderWay'].map(figure =>
          cell(one, figure, 0),
        ),
        ...['p50Ms', 'p99Ms', 'cpuMsPerSpawn'].map(figure => cell(one, figure, 2)),
        others(one),
      ]),
  )
  const lines = Object.entries(ratios).map(([name, ratio]) => [name, ratio.toFixed(2)])
  return [times, memory, rate, renderTable(['RATIO', ''], lines)].join('\n\n')
}

function others({ figures }: Result): string {
  return ((figures['otherCores'] ?? 0) + (figures['stealCores'] ?? 0)).toFixed(2)
}
