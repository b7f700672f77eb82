import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import { GodwitError } from '../../protocol/errors.ts'
import type { Scenario } from '../../server/simulation/scenario.ts'
import type { Plan } from '../../server/simulation/suite.ts'
import { withSignal } from '../interrupt.ts'
import { printJson, say } from '../output.ts'
import {
  numberList,
  plansOf,
  plansOnList,
  policyList,
  type SimulateFlags,
  wholeNumber,
  wholeNumberList,
  workloadList,
} from '../simulate/plans.ts'
import { progressBar } from '../simulate/progress-bar.ts'
import { reportText } from '../simulate/report-text.ts'

type Flags = SimulateFlags & { arrivals?: string; plots?: string; json?: boolean }

const EXAMPLES = `
Examples:
  godwit simulate --quick
  godwit simulate --suite paper --json > results.json
  godwit simulate --suite paper --plots docs/
  godwit simulate --workload j1,j1-bursts --policy godwit,random --load 0.5,0.9 --seeds 5
  godwit simulate --arrivals recorded.json --json

Workloads, policies, figures and the format of --arrivals: docs/placement.md`

/** `godwit simulate`: the production placement beside others, on simulated machines. */
export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('compare ways to place processes by simulation; ours is the code the server runs')
    .addOption(
      new Option('--suite <name>', 'a whole set of experiments; takes minutes').choices(['paper'] as const),
    )
    .option('--quick', 'the smaller suite: only what the gates and the price of placing once need')
    .option('--workload <names>', 'comma-separated (default: j1)', workloadList)
    .option('--policy <names>', 'comma-separated (default: all)', policyList)
    .option('--load <shares>', 'share of the machines’ power asked for (default: 0.8)', numberList(0.01, 2))
    .option(
      '--report-age <seconds>',
      'how often nodes report, 0 for always (default: 1)',
      numberList(0, 3600),
    )
    .option('--nodes <counts>', 'machines (default: the workload’s own)', wholeNumberList(1, 4096))
    .option('--jobs <count>', 'jobs per simulation (default: the workload’s own)', wholeNumber(1, 1_000_000))
    .option('--seeds <count>', 'simulations per policy, each with jobs of its own', wholeNumber(1, 1000))
    .option('--arrivals <file>', 'machines and jobs from a JSON file instead of a workload')
    .option('--plots <dir>', 'draw the results into this folder, as SVG and PNG')
    .option('--json', 'one JSON object: results, price of placing once, gates')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => simulateCommand(flags))
}

async function simulateCommand(flags: Flags): Promise<void> {
  const plans = flags.arrivals === undefined ? plansOf(flags) : await plansForFile(flags.arrivals, flags)
  const report = await withSignal(signal => runPlans(plans, signal))
  if (flags.plots !== undefined) {
    const { writePlots } = await import('../../server/simulation/io/plot-files.ts')
    for (const path of await writePlots(report, flags.plots)) say(`wrote ${path}`)
  }
  if (flags.json) printJson(report)
  else process.stdout.write(`${reportText(report)}\n`)
}

async function runPlans(plans: readonly Plan[], signal: AbortSignal) {
  const { runTrials } = await import('../../server/simulation/io/pool.ts')
  const { trialsOf } = await import('../../server/simulation/suite.ts')
  const { reportOf } = await import('../../server/simulation/report.ts')
  const trials = trialsOf(plans)
  const bar = progressBar(process.stderr, Date.now)
  try {
    const figures = await runTrials(trials, signal, ({ done, count }) => bar.update(done, count))
    return reportOf(trials, figures)
  } finally {
    bar.close()
  }
}

async function plansForFile(path: string, flags: Flags): Promise<readonly Plan[]> {
  return plansOnList(basename(path), await readScenario(path), flags)
}

async function readScenario(path: string): Promise<Scenario> {
  const { readArrivals } = await import('../../server/simulation/workloads/arrival-list.ts')
  let document: unknown
  try {
    document = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new GodwitError('GW_ARRIVALS', `${path}: ${(cause as Error).message}`, { cause })
  }
  const read = readArrivals(document)
  if (read.kind === 'scenario') return read.scenario
  throw new GodwitError('GW_ARRIVALS', `${path} is no list of arrivals`, { cause: read.problems })
}
