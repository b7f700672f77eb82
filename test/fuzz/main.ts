/** `npm run fuzz -- PROTOCOL`: hostile packets at the real services, with valid clients between them. */
import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander'
import { printError } from '../../cli/error.ts'
import { withSignal } from '../../cli/interrupt.ts'
import { printJson, say } from '../../cli/output.ts'
import { runCampaign } from './campaign.ts'
import type { CampaignReport } from './campaign-report.ts'
import { fuzzDecoders } from './options/run.ts'
import { PROTOCOLS } from './protocols.ts'

/** Exit status for wrong usage, and after ^C, as everywhere in godwit. */
const [BAD_USAGE, STOPPED] = [2, 130]

type Flags = { count: number; seed: number; json?: boolean }

async function fuzz(name: string, flags: Flags): Promise<void> {
  const protocol = PROTOCOLS.find(each => each.name === name)
  const report = await withSignal(signal =>
    protocol === undefined ? fuzzDecoders(flags, signal, say) : runCampaign(protocol, flags, signal, say),
  )
  if (flags.json) printJson(report)
  else process.stdout.write(`${summary(report)}\n`)
  if (report.failures.length > 0) process.exitCode = 1
}

function summary(report: CampaignReport): string {
  const { protocol, seed, sent, seconds, perSecond, validExchanges, repeatedRequests } = report
  const lines = [
    `${protocol}, seed ${seed}: ${sent} fuzzed in ${seconds.toFixed(1)} s, ${perSecond.toFixed(0)} a second`,
    `valid exchanges between them: ${validExchanges}, requests repeated: ${repeatedRequests}`,
    `dropped by the kernel before the server saw them: ${report.droppedByKernel}; replies on the wire: ${report.repliesSeen}`,
    ...report.growth.map(
      each => `${each.figure}: ${each.middle} in the middle third, ${each.last} in the last`,
    ),
    ...report.failures.map(failure => `FAILED: ${failure}`),
    ...(report.recentHex.length > 0 ? ['last datagrams, oldest first:', ...report.recentHex] : []),
  ]
  return lines.join('\n')
}

function wholeNumber(text: string): number {
  if (/^[0-9]{1,10}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`"${text}" is not a whole number`)
}

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('npm run fuzz --')
    .description(
      'Send hostile packets to the real services. Fails when a server ends, logs a fault of its own, sends a reply that breaks a rule, leaves a valid client unanswered, or grows.',
    )
    .addArgument(
      new Argument('<protocol>', 'a service over the wire, or `options`: all decoders, without one').choices([
        ...PROTOCOLS.map(({ name }) => name),
        'options',
      ]),
    )
    .option('--count <n>', 'fuzzed datagrams (HTTP: requests)', wholeNumber, 1_000_000)
    .option('--seed <n>', 'the same seed gives the same packets', wholeNumber, 1)
    .option('--json', 'one JSON document on standard output, progress on standard error')
    .addHelpText('after', '\nExample:\n  npm run fuzz -- dhcp --count 10000000')
    .exitOverride()
    .action(fuzz)
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : BAD_USAGE
      return
    }
    const isStopped = error instanceof Error && error.name === 'AbortError'
    if (isStopped) say('stopped; nothing was left running')
    else printError(error, process.stderr)
    process.exitCode = isStopped ? STOPPED : 1
  }
}

await main(process.argv.slice(2))
