import { type Command, Option } from 'commander'
import { withSignal } from '../../../cli/interrupt.ts'
import { printJson, say } from '../../../cli/output.ts'
import { thisHost } from '../io/host.ts'
import { noiseWarning } from '../net/noise.ts'
import { resultDocuments, resultsOf } from '../net/turns.ts'
import { wholeNumber } from '../whole-number.ts'
import { compareDhcp, type DhcpComparison } from './measure.ts'
import { dhcpRatios, dhcpTable } from './report.ts'
import { SUBJECTS, type Subject } from './servers.ts'

type Flags = {
  runs: number
  seconds: number
  clients: number[]
  subjects: Subject[]
  quick?: boolean
  json?: boolean
}

const UNDER_WAY = [1, 8, 32, 128]
const QUICK = { runs: 1, clients: [1000], underWay: [128], secondsPerPhase: 1 }

/** `npm run bench -- dhcp`. */
export function addDhcp(program: Command): void {
  program
    .command('dhcp')
    .description('leases through a relay, served by godwit, Kea and dnsmasq: exchanges a second, times, CPU')
    .option('--runs <n>', 'turns of each subject', wholeNumber, 3)
    .option('--seconds <n>', 'length of each phase', wholeNumber, 3)
    .option('--clients <n,n>', 'how many clients there are, one case each', wholeNumbers, [1000, 5000])
    .addOption(new Option('--subjects <name...>', 'whom to measure').choices(SUBJECTS).default([...SUBJECTS]))
    .option('--quick', 'one run with 1000 clients, first leases, 128 under way and half of that: a look')
    .option('--json', 'one JSON document on standard output, progress on standard error')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run bench -- dhcp --quick --subjects godwit kea\n  npm run --silent bench -- dhcp --json > dhcp.json',
    )
    .action(async (flags: Flags) => {
      const { subjects, runs, clients, seconds } = flags
      const chosen = flags.quick ? QUICK : { runs, clients, underWay: UNDER_WAY, secondsPerPhase: seconds }
      await report({ subjects, ...chosen }, flags.json === true)
    })
}

async function report(comparison: DhcpComparison, asJson: boolean): Promise<void> {
  const startedAt = new Date().toISOString()
  const samples = await withSignal(signal => compareDhcp(comparison, signal, say))
  const results = resultsOf(samples)
  const ratios = dhcpRatios(results, comparison.clients, Math.max(...comparison.underWay))
  const warning = noiseWarning(results)
  if (warning !== undefined) say(warning)
  if (!asJson) return void process.stdout.write(`${dhcpTable(results, ratios)}\n`)
  const { runs, secondsPerPhase } = comparison
  printJson({
    ...{ bench: 'dhcp', machine: thisHost(), runs, startedAt, secondsPerPhase },
    ...{ results: resultDocuments(results), samples: samples.map(flat), ratios },
  })
}

function flat({ figures, ...sample }: Awaited<ReturnType<typeof compareDhcp>>[number]) {
  return { ...sample, ...figures }
}

/** `1000,5000`: one number a case. */
function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber)
}
