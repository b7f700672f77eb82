import { type Command, InvalidArgumentError } from 'commander'
import { withSignal } from '../../../cli/interrupt.ts'
import { printJson, say } from '../../../cli/output.ts'
import { thisHost } from '../io/host.ts'
import { wholeNumber } from '../whole-number.ts'
import { MACHINES } from './machines.ts'
import { measureReal, PROGRESS_PATH } from './measure.ts'
import { isPolicy, POLICIES, type Policy } from './policies.ts'
import { comparisonOf } from './report.ts'
import { comparisonTable } from './table.ts'

type Flags = {
  jobs: number
  seed: number
  gap: number
  policies: readonly Policy[]
  resume?: boolean
  json?: boolean
}

/** `npm run bench -- placement-real`. */
export function addPlacementReal(program: Command): void {
  program
    .command('placement-real')
    .description(
      'real JVMs on three unequal lab machines, placed by godwit, round robin and chance; and simulated',
    )
    .option('--jobs <n>', 'JVMs that come', wholeNumber, 64)
    .option('--seed <n>', 'which JVMs come, and when', wholeNumber, 3)
    .option('--gap <seconds>', 'mean time between two', seconds, 7)
    .option('--policies <names>', 'comma-separated, in the order of their turns', policyList, POLICIES)
    .option('--resume', 'go on with a run that was stopped')
    .option('--json', 'one JSON document on standard output, progress on standard error')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run bench -- placement-real --jobs 12\n  npm run --silent bench -- placement-real --json > real.json',
    )
    .action(report)
}

async function report({ jobs, seed, gap, policies, resume = false, json }: Flags): Promise<void> {
  const plan = { jobs, seed, gapS: gap }
  const progress = await withSignal(signal => measureReal({ plan, policies, resume, signal, say })).catch(
    (error: unknown) => {
      say(`what was measured so far is in ${PROGRESS_PATH}; --resume goes on from there`)
      throw error
    },
  )
  const { results, ranking, ratios, arrivals } = comparisonOf(progress)
  if (!json) return void process.stdout.write(`${comparisonTable({ results, ranking, ratios, arrivals })}\n`)
  const { startedAt, imageDigest, footprints, turns } = progress
  printJson({
    ...{ bench: 'placement-real', machine: thisHost(), startedAt, ...plan, imageDigest, machines: MACHINES },
    ...{ results, ranking, ratios, footprints, turns, arrivals },
  })
}

function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value > 0 && value <= 3600) return value
  throw new InvalidArgumentError(`"${text}" is not a number of seconds above 0`)
}

function policyList(text: string): readonly Policy[] {
  return [...new Set(text.split(','))].map(name => {
    if (isPolicy(name)) return name
    throw new InvalidArgumentError(`"${name}" is none of ${POLICIES.join(', ')}`)
  })
}
