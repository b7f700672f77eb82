import { type Command, InvalidArgumentError, Option } from 'commander'
import { withSignal } from '../../../cli/interrupt.ts'
import { printJson, say } from '../../../cli/output.ts'
import { thisHost } from '../io/host.ts'
import { resultDocuments, resultsOf } from '../net/turns.ts'
import { wholeNumber } from '../whole-number.ts'
import { BLOCK_SIZE_BYTES, LOADER_BYTES, tftpCases } from './cases.ts'
import { compareTftp } from './measure.ts'
import { tftpRatios, tftpTable } from './report.ts'
import { SUBJECTS, type Subject, whyLeftOut } from './servers.ts'

type Flags = { runs: number; subjects: Subject[]; quick?: boolean; only?: string; json?: boolean }

/** `npm run bench -- tftp`. */
export function addTftp(program: Command): void {
  program
    .command('tftp')
    .description('a loader by TFTP, served by godwit, dnsmasq, tftpd-hpa and atftpd: MB/s, times, CPU')
    .option('--runs <n>', 'turns of each subject', wholeNumber, 3)
    .addOption(new Option('--subjects <name...>', 'whom to measure').choices(SUBJECTS).default([...SUBJECTS]))
    .option('--only <text>', 'cases with this in their name, e.g. rtt or p16-w1', partOfName)
    .option('--quick', 'one short run of a few cases: a look')
    .option('--json', 'one JSON document on standard output, progress on standard error')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run bench -- tftp --quick\n  npm run bench -- tftp --subjects godwit atftpd --only w16\n  npm run --silent bench -- tftp --json > tftp.json',
    )
    .action(report)
}

async function report({ runs, subjects, quick = false, only = '', json }: Flags): Promise<void> {
  const startedAt = new Date().toISOString()
  const cases = tftpCases(quick).filter(({ name }) => name.includes(only))
  const reasons = await Promise.all(subjects.map(whyLeftOut))
  for (const [index, reason] of reasons.entries())
    if (reason !== undefined) say(`${subjects[index]} is left out: ${reason}`)
  const present = subjects.filter((_, index) => reasons[index] === undefined)
  const comparison = { subjects: present, runs: quick ? 1 : runs, cases }
  const samples = await withSignal(signal => compareTftp(comparison, signal, say))
  const results = resultsOf(samples)
  const ratios = tftpRatios(results, cases)
  if (!json) return void process.stdout.write(`${tftpTable(results, ratios)}\n`)
  printJson({
    ...{ bench: 'tftp', machine: thisHost(), runs: comparison.runs, startedAt },
    ...{ fileBytes: LOADER_BYTES, askedBlockSizeBytes: BLOCK_SIZE_BYTES },
    results: resultDocuments(results),
    samples: samples.map(({ figures, ...sample }) => ({ ...sample, ...figures })),
    ratios,
  })
}

function partOfName(text: string): string {
  if (tftpCases(false).some(({ name }) => name.includes(text))) return text
  throw new InvalidArgumentError(`no case has "${text}" in its name`)
}
