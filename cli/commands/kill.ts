import { constants } from 'node:os'
import { type Command, InvalidArgumentError } from 'commander'
import { ProcessRecord } from '../../protocol/process.ts'
import { openAdmin } from '../admin-socket.ts'
import { printJson } from '../output.ts'

/** `godwit kill ID`: send a signal to a process, wherever it runs. */
export function addKill(program: Command): void {
  program
    .command('kill')
    .argument('<id...>', 'processes, as in `godwit ps`')
    .description('send a signal to processes wherever they run; KILL ends them with all descendants')
    .option('-s, --signal <name>', 'signal by name or number', parseSignal, 'SIGTERM')
    .option('--json', 'the processes as one JSON array')
    .addHelpText(
      'after',
      '\nExamples:\n  godwit kill p-3k7v0q1abc\n  godwit kill -s QUIT p-3k7v0q1abc   # a JVM prints its threads',
    )
    .action(async (ids: string[], options: { json?: boolean; signal: string }) => {
      const client = await openAdmin(program)
      const records: ProcessRecord[] = []
      for (const id of ids) {
        const path = `/v1/processes/${encodeURIComponent(id)}/kill`
        records.push(await client.post(path, { signal: options.signal }, ProcessRecord))
      }
      if (options.json) printJson(records)
      else
        for (const record of records)
          process.stdout.write(`${options.signal} sent to ${record.id} on ${record.nodeName}\n`)
    })
}

function parseSignal(text: string): string {
  const upper = text.toUpperCase()
  const byNumber = Object.entries(constants.signals).find(([, number]) => String(number) === text)?.[0]
  const name = byNumber ?? (upper.startsWith('SIG') ? upper : `SIG${upper}`)
  if (Object.hasOwn(constants.signals, name)) return name
  throw new InvalidArgumentError(
    `there is no signal "${text}"; use a name such as TERM, KILL, QUIT, or a number`,
  )
}
