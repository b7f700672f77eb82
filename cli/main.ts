import { Command, CommanderError } from 'commander'
import { VERSION } from '../protocol/version.ts'
import { endOnBrokenOutput } from './broken-output.ts'
import { commandsFor } from './commands.ts'
import { printError } from './error.ts'

/** Exit status for wrong usage, as in every tool. */
const BAD_USAGE = 2
/** 128 + SIGINT, as shells have it. */
const INTERRUPTED = 130

/** The whole command line: parses, runs one command, and sets the exit status (design §5). */
export async function main(argv: readonly string[]): Promise<void> {
  endOnBrokenOutput()
  try {
    const program = await createProgram(argv.slice(2))
    await program.parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : BAD_USAGE
      return
    }
    if ((error as Error).name === 'AbortError') {
      process.stderr.write('godwit: interrupted, nothing half made is left\n')
      process.exitCode = INTERRUPTED
      return
    }
    printError(error, process.stderr)
    process.exitCode ??= 1
  }
}

/**
 * The program with the command that `args` ask for, or all commands with their help when they ask for none; nothing
 * heavy is loaded before one of them runs.
 */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('godwit')
    .description(
      'One computer out of many: PXE-boots old PCs from one image and places whole processes on them, once.',
    )
    .version(VERSION)
    .option(
      '--socket <path>',
      "the server's admin socket (default: a running lab's, else the local server's)",
    )
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows the options and examples)')
  program.exitOverride()
  for (const add of await commandsFor(args)) add(program)
  for (const command of program.commands) inherit(command)
  return program
}

function inherit(command: Command): void {
  command.exitOverride().showSuggestionAfterError()
  for (const child of command.commands) inherit(child)
}
