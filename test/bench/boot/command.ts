import { type Command, Option } from 'commander'
import { printJson } from '../../../cli/output.ts'
import type { LabFirmware } from '../../../config/lab.ts'
import { wholeNumber } from '../whole-number.ts'
import { type BootReport, compareBoots } from './compare.ts'
import { SUBJECTS } from './schedule.ts'
import { bootTable } from './table.ts'

type Flags = { runs: number; firmware: LabFirmware | 'both'; peerRa: boolean; mem: number; json?: boolean }

/** `npm run bench -- boot`. */
export function addBoot(program: Command): void {
  program
    .command('boot')
    .description('power switch to ready, served by godwit and by dnsmasq + nginx: seconds, bytes, CPU')
    .option('--runs <n>', 'boots of each subject on each firmware', wholeNumber, 1)
    .addOption(
      new Option('--firmware <kind>', 'which machines').choices(['bios', 'uefi', 'both']).default('both'),
    )
    .option('--no-peer-ra', 'leave out the third subject: dnsmasq + nginx with router advertisements')
    .option('--mem <mib>', 'memory of the machine in MiB', wholeNumber, 1024)
    .option('--json', 'one JSON document on standard output, progress on standard error')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run bench -- boot --runs 3\n  npm run --silent bench -- boot --firmware bios --json > boot.json',
    )
    .action(async (flags: Flags) => {
      const report = await compareBoots(
        {
          runs: flags.runs,
          firmware: flags.firmware === 'both' ? ['bios', 'uefi'] : [flags.firmware],
          subjects: SUBJECTS.filter(subject => flags.peerRa || subject !== 'dnsmasq+nginx+ra'),
          memoryMiB: flags.mem,
        },
        line => void process.stderr.write(`${line}\n`),
      )
      if (flags.json) printJson(bootDocument(report))
      else process.stdout.write(`${bootTable(report.results, report.ratios)}\n`)
    })
}

/** The report as the JSON document of docs/benchmarks.md: figures beside subject and case, not below them. */
function bootDocument({ host, runs, results, samples, ratios, ...rest }: BootReport) {
  return {
    bench: 'boot',
    machine: host,
    runs,
    ...rest,
    results: results.map(({ figures, spread, ...result }) => ({ ...result, ...figures, spread })),
    samples: samples.map(({ figures, ...task }) => ({ ...task, ...figures })),
    ratios,
  }
}
