import { Command, CommanderError } from 'commander'
import { VERSION } from '../protocol/version.ts'
import { endOnBrokenOutput } from './broken-output.ts'
import { addAttach } from './commands/attach.ts'
import { addCapture } from './commands/capture.ts'
import { addCompletion } from './commands/completion.ts'
import { addConfig } from './commands/config.ts'
import { addDoctor } from './commands/doctor.ts'
import { addHistory } from './commands/history.ts'
import { addImage } from './commands/image.ts'
import { addKill } from './commands/kill.ts'
import { addLab } from './commands/lab.ts'
import { addLast } from './commands/last.ts'
import { addLogs } from './commands/logs.ts'
import { addNode } from './commands/node.ts'
import { addNodes } from './commands/nodes.ts'
import { addPs } from './commands/ps.ts'
import { addRun } from './commands/run.ts'
import { addServe } from './commands/serve.ts'
import { addShim } from './commands/shim.ts'
import { addSimulate } from './commands/simulate.ts'
import { addWait } from './commands/wait.ts'
import { addWhy } from './commands/why.ts'
import { printError } from './error.ts'

/** Exit status for wrong usage, as in every tool. */
const BAD_USAGE = 2
/** 128 + SIGINT, as shells have it. */
const INTERRUPTED = 130

/** The whole command line: parses, runs one command, and sets the exit status (design §5). */
export async function main(argv: readonly string[]): Promise<void> {
  endOnBrokenOutput()
  const program = createProgram()
  try {
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

/** All commands with their help; nothing heavy is loaded before one of them runs. */
export function createProgram(): Command {
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
  for (const add of [
    addServe,
    addDoctor,
    addCapture,
    addImage,
    addNodes,
    addNode,
    addRun,
    addPs,
    addLast,
    addLogs,
    addAttach,
    addWait,
    addWhy,
    addHistory,
    addKill,
    addShim,
    addLab,
    addSimulate,
    addConfig,
    addCompletion,
  ]) {
    add(program)
  }
  for (const command of program.commands) inherit(command)
  return program
}

function inherit(command: Command): void {
  command.exitOverride().showSuggestionAfterError()
  for (const child of command.commands) inherit(child)
}
