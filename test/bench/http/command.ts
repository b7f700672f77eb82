import { type Command, Option } from 'commander'
import { withSignal } from '../../../cli/interrupt.ts'
import { printJson, say } from '../../../cli/output.ts'
import { thisHost } from '../io/host.ts'
import { resultDocuments, resultsOf } from '../net/turns.ts'
import { wholeNumber } from '../whole-number.ts'
import { httpCases } from './client.ts'
import { compareHttp, FILE_BYTES } from './measure.ts'
import { httpRatios, httpTable } from './report.ts'
import { SUBJECTS, type Subject } from './servers.ts'

type Flags = { runs: number; subjects: Subject[]; quick?: boolean; json?: boolean }

/** `npm run bench -- http`. */
export function addHttp(program: Command): void {
  program
    .command('http')
    .description('a root image by HTTP, served by godwit and nginx: GB/s, first byte, CPU')
    .option('--runs <n>', 'turns of each subject', wholeNumber, 3)
    .addOption(new Option('--subjects <name...>', 'whom to measure').choices(SUBJECTS).default([...SUBJECTS]))
    .option('--quick', 'one run with 1 and 16 downloads at once: a look')
    .option('--json', 'one JSON document on standard output, progress on standard error')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run bench -- http --quick --subjects godwit\n  npm run --silent bench -- http --json > http.json',
    )
    .action(report)
}

async function report({ runs, subjects, quick = false, json }: Flags): Promise<void> {
  const startedAt = new Date().toISOString()
  const comparison = { subjects, runs: quick ? 1 : runs, cases: httpCases(quick) }
  const samples = await withSignal(signal => compareHttp(comparison, signal, say))
  const results = resultsOf(samples)
  const ratios = httpRatios(results, comparison.cases)
  if (!json) return void process.stdout.write(`${httpTable(results, ratios)}\n`)
  printJson({
    ...{ bench: 'http', machine: thisHost(), runs: comparison.runs, startedAt, fileBytes: FILE_BYTES },
    results: resultDocuments(results),
    samples: samples.map(({ figures, ...sample }) => ({ ...sample, ...figures })),
    ratios,
  })
}
