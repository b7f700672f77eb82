/** `npm run bench -- NAME`: one command a benchmark, each against an independent program that does the same. */
import { Command, CommanderError } from 'commander'
import { printError } from '../../cli/error.ts'
import { addBoot } from './boot/command.ts'
import { addDhcp } from './dhcp/command.ts'
import { addHttp } from './http/command.ts'
import { addPlacement } from './placement/command.ts'
import { addPlacementReal } from './placement-real/command.ts'
import { addSpawn } from './spawn/command.ts'
import { addTftp } from './tftp/command.ts'

/** Exit status for wrong usage, as everywhere in godwit. */
const BAD_USAGE = 2
/** Exit status after ^C, as a shell reports SIGINT. */
const STOPPED = 130

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('npm run bench --')
    .description('Measure godwit against other programs, in the same run, on this machine.')
    .addHelpText('after', '\nMethod and figures: docs/benchmarks.md')
    .helpCommand(false)
  addBoot(program)
  addDhcp(program)
  addHttp(program)
  addPlacement(program)
  addPlacementReal(program)
  addSpawn(program)
  addTftp(program)
  for (const command of [program, ...program.commands])
    command.exitOverride().showHelpAfterError('(--help shows the benches and their options)')
  if (argv.length === 0) return void process.stdout.write(program.helpInformation())
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : BAD_USAGE
      return
    }
    const isStopped = error instanceof Error && error.name === 'AbortError'
    if (isStopped) process.stderr.write('stopped; nothing was left running\n')
    else printError(error, process.stderr)
    process.exitCode = isStopped ? STOPPED : 1
  }
}

await main(process.argv.slice(2))
