import { type Command, InvalidArgumentError } from 'commander'
import type { ProcessRecord } from '../../protocol/process.ts'
import { openAdmin } from '../admin-socket.ts'
import { printJson, say } from '../output.ts'
import { endingReason } from '../process/ending-text.ts'
import { statusOf, waitFor } from '../process/wait-for.ts'

/** As timeout(1) has it. */
const TIMED_OUT = 124

/** `godwit wait ID`: returns when processes are over, with the status of the last one named. */
export function addWait(program: Command): void {
  program
    .command('wait')
    .argument('<id...>', 'processes: id, beginning of one, name, or `last`')
    .description('wait until processes are over; the exit status is that of the last one named')
    .option('-t, --timeout <seconds>', 'give up after this time, with status 124', seconds)
    .option('--json', 'the processes as one JSON array')
    .addHelpText(
      'after',
      `
Examples:
  godwit wait last
  godwit wait nightly && echo done
  godwit wait --timeout 60 p-3k7v0q1abc p-9cgwqxe5m6

Exit status: the process's own, 128 + number when a signal killed it, 125 when it never started, 255 when its node was
lost, 124 after --timeout.`,
    )
    .action(async (ids: string[], options: { json?: boolean; timeout?: number }) => {
      const client = await openAdmin(program)
      const limit = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout * 1000)
      const records: ProcessRecord[] = []
      for (const id of ids) {
        const record = await waitFor(client, id, limit)
        records.push(record)
        process.exitCode = statusOf(record) ?? TIMED_OUT
        if (!options.json && process.exitCode !== 0) say(`godwit: ${record.id}: ${endingReason(record)}`)
      }
      if (options.json) printJson(records)
    })
}

function seconds(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError(`"${text}" is not a number of seconds`)
}
