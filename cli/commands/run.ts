import { type Command, InvalidArgumentError } from 'commander'
import { parseBytes } from '../../config/values/bytes.ts'
import { findAdminSocket } from '../admin-socket.ts'
import { printError } from '../error.ts'
import { say } from '../output.ts'
import { endLike } from '../run/end-like.ts'
import { openEventLog } from '../run/event-log.ts'
import { runPlaced } from '../run/placed.ts'

/** Exit status when nothing was started, as `env` and `docker run` have it. */
const FAILED_BEFORE_EXEC = 125

const tell = (line: string) => say(`godwit: ${line}`)

type RunFlags = { mem?: number; on?: string; now?: boolean; jsonEvents?: string; verbose?: boolean }

/** `godwit run -- CMD`: one whole process on the node that placement chooses, as if it ran here. */
export function addRun(program: Command): void {
  program
    .command('run')
    .argument('<command...>', 'program and arguments, after --')
    .description(
      'run a program on the node that placement chooses; streams, signals and exit status as if here',
    )
    .option('--mem <size>', 'memory to reserve and not to exceed, e.g. 512M', memorySize)
    .option('--on <node>', 'only this node, by name or id')
    .option('--now', 'fail where there is no memory now, instead of waiting for some')
    .option('--json-events <file>', 'append one JSON line per event: placed, started, ended')
    .option('-v, --verbose', 'say on standard error where it runs')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Examples:
  godwit run -- java -Xmx256m -jar app.jar
  echo hi | godwit run -- cat
  godwit run --mem 1G -v -- sh -c 'hostname; exit 7'

Exit status: the program's own (or its signal); 125 when it could not be started, 126 not executable, 127 not found,
255 when the node was lost after the start.`,
    )
    .action(async (command: string[], flags: RunFlags) => {
      try {
        const options = new Map<string, string>()
        if (flags.mem !== undefined) options.set('mem', `${flags.mem}`)
        if (flags.on !== undefined) options.set('on', flags.on)
        if (flags.now) options.set('now', '1')
        const end = await runPlaced({
          socketPath: await findAdminSocket(program),
          command,
          options,
          events: openEventLog(flags.jsonEvents, tell),
          say: flags.verbose ? tell : () => undefined,
        })
        if (end.kind === 'ended') return await endLike(end.ending)
        printError(end.error, process.stderr)
        process.exitCode = end.status
      } catch (error) {
        printError(error, process.stderr)
        process.exitCode = FAILED_BEFORE_EXEC
      }
    })
}

function memorySize(text: string): number {
  const sizeBytes = parseBytes(text)
  if (sizeBytes !== undefined && sizeBytes > 0) return sizeBytes
  throw new InvalidArgumentError(`"${text}" is not a size; write 512M or 1.5G`)
}
