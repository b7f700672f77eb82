import { type Command, InvalidArgumentError, Option } from 'commander'
import { readWishes, type WishOption } from '../../streams/run-wishes.ts'
import { findAdminSocket } from '../admin-socket.ts'
import { printError } from '../error.ts'
import { say } from '../output.ts'
import { endLike } from '../run/end-like.ts'
import { openEventLog } from '../run/event-log.ts'
import { runRetried } from '../run/retried.ts'
import { withEnvFiles } from '../run-options/environment.ts'

/** Exit status when nothing was started, as `env` and `docker run` have it. */
const FAILED_BEFORE_EXEC = 125

const tell = (line: string) => say(`godwit: ${line}`)

/** Options of the command line that go into the request as they are. */
const REQUEST_OPTIONS = ['cpus', 'detach', 'here', 'mem', 'name', 'now', 'on', 'timeout'] as const

type RunFlags = Readonly<Partial<Record<(typeof REQUEST_OPTIONS)[number], string | true>>> & {
  readonly envFile: readonly string[]
  readonly jsonEvents?: string
  readonly retry?: number
  readonly retryFailed?: boolean
  readonly verbose?: boolean
}

/** `godwit run -- CMD`: one whole process on the node that placement chooses, as if it ran here. */
export function addRun(program: Command): void {
  program
    .command('run')
    .argument('<command...>', 'program and arguments, after --')
    .description(
      'run a program on the node that placement chooses; streams, signals and exit status as if here',
    )
    .option('--mem <size>', 'memory to reserve and not to exceed, e.g. 512M', wish('mem'))
    .option('--cpus <number>', 'threads it will keep busy, e.g. 4 or 0.5: placement goes by it', wish('cpus'))
    .option('--on <nodes>', "only these nodes, e.g. bios1 or 'memory>=2G,threads>=4,!lab-*'", wish('on'))
    .addOption(
      new Option('--here', 'run it here, in place: nothing is asked, reserved or recorded').conflicts(
        REQUEST_OPTIONS.filter(name => name !== 'here'),
      ),
    )
    .option('-d, --detach', 'print its id and return; its node keeps its output: godwit logs ID')
    .addOption(
      new Option('--retry <times>', 'start it again when it is lost with its node, or killed for memory')
        .argParser(times)
        .conflicts(['detach', 'here']),
    )
    .option('--retry-failed', 'with --retry: also when it ends with a status that is not 0')
    .option('--now', 'fail where there is no memory now, instead of waiting for some')
    .option('--name <name>', 'a name for it, good wherever an id is: godwit wait NAME', wish('name'))
    .option(
      '--timeout <time>',
      'end it after this time, e.g. 90, 5m, 1h: SIGTERM, ten seconds later SIGKILL',
      wish('timeout'),
    )
    .option(
      '--env-file <file>',
      'add the variables in this file, one NAME=value a line, as they are; may be given again',
      (path: string, before: readonly string[]) => [...before, path],
      [],
    )
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
  godwit run --on 'memory>=2G' --cpus 8 -- make -j8
  godwit run --here -- make
  godwit run --detach --name nightly -- ./build.sh && godwit logs -f nightly
  godwit run --retry 3 -- ./build.sh
  godwit run --name nightly --timeout 1h --env-file build.env -- ./build.sh

Exit status: the program's own (or its signal); 125 when it could not be started, 126 not executable, 127 not found,
255 when the node was lost after the start.`,
    )
    .action(async (command: string[], flags: RunFlags, self: Command) => {
      if (flags.retryFailed && flags.retry === undefined) self.error('error: --retry-failed needs --retry')
      try {
        const options = requestOptions(flags)
        const env = await withEnvFiles(process.env, flags.envFile)
        const run = {
          socketPath: await findAdminSocket(program),
          command,
          options,
          env,
          events: openEventLog(flags.jsonEvents, tell),
          say: flags.verbose ? tell : () => undefined,
        }
        const wish = { times: flags.retry ?? 0, onFailure: flags.retryFailed === true }
        const end = await runRetried(run, wish, tell)
        if (end.kind === 'ended') {
          if (end.why !== null) tell(end.why)
          return await endLike(end.ending)
        }
        printError(end.error, process.stderr)
        process.exitCode = end.status
      } catch (error) {
        printError(error, process.stderr)
        process.exitCode = FAILED_BEFORE_EXEC
      }
    })
}

function requestOptions(flags: RunFlags): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (const name of REQUEST_OPTIONS) {
    const value = flags[name]
    if (value !== undefined) options.set(name, value === true ? '1' : value)
  }
  return options
}

function times(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`"${text}" is not a number of times; write 3`)
}

/** Lets through what placement will understand, as it was written. */
function wish(option: WishOption): (text: string) => string {
  return text => {
    const read = readWishes(new Map([[option, text]]))
    if (read.kind === 'bad') throw new InvalidArgumentError(read.reason)
    return text
  }
}
