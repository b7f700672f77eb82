import type { Command } from 'commander'
import { withSignal } from '../../../cli/interrupt.ts'
import { printJson, renderTable, say } from '../../../cli/output.ts'
import { collectAlone } from '../../../server/io/collector.ts'
import { thisHost } from '../io/host.ts'
import { summarize } from '../stats.ts'
import { wholeNumber } from '../whole-number.ts'
import type { Size } from './emulated-cluster.ts'
import { type Effort, measurePlacement } from './measure.ts'
import { placementRatios, type SizeResult } from './ratios.ts'

type Flags = { runs: number; quick?: boolean; json?: boolean }

/** The sizes measured; reports come as at the rate that is asked of each. */
const SIZES: readonly Size[] = [
  { nodes: 100, decisionsPerSecond: 60_000 },
  { nodes: 1000, decisionsPerSecond: 15_000 },
  { nodes: 10_000, decisionsPerSecond: 2000 },
]

/** `npm run bench -- placement`. */
export function addPlacement(program: Command): void {
  program
    .command('placement')
    .description('placement decisions per second on one core, at 100, 1,000 and 10,000 emulated nodes')
    .option('--runs <n>', 'runs of each size', wholeNumber, 3)
    .option('--quick', 'one short run of each: a look')
    .option('--json', 'one JSON document on standard output, progress on standard error')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run bench -- placement --quick\n  npm run --silent bench -- placement --json > placement.json',
    )
    .action(report)
}

async function report({ runs: wanted, quick = false, json }: Flags): Promise<void> {
  const startedAt = new Date().toISOString()
  // As `godwit serve` does.
  collectAlone()
  const runs = quick ? 1 : wanted
  const results = await withSignal(signal => measureAll(runs, quick, signal))
  const ratios = placementRatios(results)
  if (json) return printJson({ bench: 'placement', machine: thisHost(), runs, startedAt, results, ratios })
  const head = ['NODES', 'DECISIONS/s', 'BY THE CLOCK', 'P50 µs', 'P99 µs', 'PLACED']
  const rows = results.map(one => [
    String(one.nodes),
    String(one.decisionsPerSecond),
    String(one.wallDecisionsPerSecond),
    one.p50Us.toFixed(1),
    one.p99Us.toFixed(1),
    `${(one.placedShare * 100).toFixed(1)} %`,
  ])
  const lines = Object.entries(ratios).map(([name, ratio]) => [name, ratio.toFixed(2)])
  process.stdout.write(`${renderTable(head, rows)}\n\n${renderTable(['RATIO', ''], lines)}\n`)
}

async function measureAll(runs: number, quick: boolean, signal: AbortSignal): Promise<readonly SizeResult[]> {
  const results: SizeResult[] = []
  for (const size of SIZES) {
    const samples = []
    for (let run = 1; run <= runs; run += 1) {
      say(`${size.nodes} nodes, run ${run} of ${runs}`)
      samples.push(await measurePlacement(size, effortFor(size, quick), signal))
    }
    const { medians, spread } = summarize(samples)
    results.push({ nodes: size.nodes, ...figuresOf(medians), spread })
  }
  return results
}

/** One second's worth of decisions at the rate asked for, of which a quarter more before the clock starts. */
function effortFor({ decisionsPerSecond }: Size, quick: boolean): Effort {
  const timed = quick ? Math.ceil(decisionsPerSecond / 4) : decisionsPerSecond
  return { warmUp: Math.ceil(timed / 4), timed }
}

function figuresOf(medians: Readonly<Record<string, number>>) {
  const figure = (name: string): number => medians[name] ?? Number.NaN
  return {
    decisionsPerSecond: figure('decisionsPerSecond'),
    wallDecisionsPerSecond: figure('wallDecisionsPerSecond'),
    p50Us: figure('p50Us'),
    p99Us: figure('p99Us'),
    placedShare: figure('placedShare'),
  }
}
