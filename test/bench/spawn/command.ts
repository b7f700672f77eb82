import type { Command } from 'commander'
import { withSignal } from '../../../cli/interrupt.ts'
import { printJson, say } from '../../../cli/output.ts'
import { thisHost } from '../io/host.ts'
import { noiseWarning } from '../net/noise.ts'
import { resultDocuments, resultsOf } from '../net/turns.ts'
import { wholeNumber } from '../whole-number.ts'
import { compareSpawns, type SpawnComparison } from './measure.ts'
import { spawnRatios, spawnTable } from './report.ts'

type Flags = {
  runs: number
  spawns: number
  rate: number
  seconds: number
  quick?: boolean
  json?: boolean
}

const QUICK: SpawnComparison = { runs: 1, spawns: 50, rate: 100, seconds: 3 }

/** `npm run bench -- spawn`. */
export function addSpawn(program: Command): void {
  program
    .command('spawn')
    .description('`true` and a JVM: here, on another node through godwit, and through ssh; and 500 a second')
    .option('--runs <n>', 'turns of each way', wholeNumber, 5)
    .option('--spawns <n>', 'spawns of `true` in a turn', wholeNumber, 100)
    .option('--rate <n>', 'spawns a second through one server', wholeNumber, 500)
    .option('--seconds <n>', 'how long at that rate', wholeNumber, 20)
    .option('--quick', 'one turn of 50 spawns, and 100 a second for 3 s: a look')
    .option('--json', 'one JSON document on standard output, progress on standard error')
    .addHelpText(
      'after',
      '\nRoot only.\n\nExamples:\n  npm run bench -- spawn --quick\n  npm run --silent bench -- spawn --json > spawn.json',
    )
    .action(async ({ quick, json, runs, spawns, rate, seconds }: Flags) => {
      await report(quick === true ? QUICK : { runs, spawns, rate, seconds }, json === true)
    })
}

async function report(comparison: SpawnComparison, asJson: boolean): Promise<void> {
  const startedAt = new Date().toISOString()
  const samples = await withSignal(signal => compareSpawns(comparison, signal, say))
  const results = resultsOf(samples)
  const ratios = spawnRatios(results)
  const warning = noiseWarning(results.filter(result => result.case !== 'memory'))
  if (warning !== undefined) say(warning)
  if (!asJson) return void process.stdout.write(`${spawnTable(results, ratios)}\n`)
  printJson({
    ...{ bench: 'spawn', machine: thisHost(), startedAt, ...comparison },
    ...{ results: resultDocuments(results), samples: samples.map(flat), ratios },
  })
}

function flat({ figures, ...sample }: Awaited<ReturnType<typeof compareSpawns>>[number]) {
  return { ...sample, ...figures }
}
