import { type Command, InvalidArgumentError } from 'commander'
import * as z from 'zod'
import { formatBytes } from '../../config/values/bytes.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import { openAdmin } from '../admin-socket.ts'
import { formatDuration, printJson, renderTable } from '../output.ts'
import { endingReason } from '../process/ending-text.ts'
import { filterProcesses, type ProcessWish } from '../process/filter.ts'
import { addWishes } from '../process/wishes.ts'

type Options = ProcessWish & { readonly json?: boolean; readonly number: number }

/** `godwit last`: what is over, what it used, and why it ended. */
export function addLast(program: Command): void {
  const command = program
    .command('last')
    .description('list processes that are over: what they used and why they ended; latest first')
    .option('-n, --number <count>', 'at most this many', count, 20)
    .option('--json', 'one JSON array')
  addWishes(command)
    .addHelpText(
      'after',
      '\nExamples:\n  godwit last\n  godwit last -n 5 --node node-677701\n  godwit last --json',
    )
    .action(async ({ json, number, ...wish }: Options) => {
      const client = await openAdmin(program)
      const all = await client.get('/v1/processes?all=1', z.array(ProcessRecord))
      const over = filterProcesses(all, wish).filter(({ state }) => state !== 'placed' && state !== 'running')
      const shown = over.slice(0, number)
      if (json) printJson(shown)
      else process.stdout.write(`${lastTable(shown)}\n`)
    })
}

/** The table of `godwit last`. */
export function lastTable(records: readonly ProcessRecord[]): string {
  if (records.length === 0) return 'no process is over yet'
  return renderTable(
    ['ID', 'NODE', 'STARTED', 'RAN', 'CPU', 'MEMORY', 'THREADS', 'WHY', 'COMMAND'],
    records.map(row),
  )
}

function row(record: ProcessRecord): readonly string[] {
  const { endedAtMs, startedAtMs, usage } = record
  return [
    record.name ?? record.id,
    record.nodeName,
    new Date(startedAtMs ?? record.placedAtMs).toISOString().slice(0, 19).replace('T', ' '),
    startedAtMs === null || endedAtMs === null ? '-' : formatDuration(endedAtMs - startedAtMs),
    usage === null ? '-' : `${usage.cpuSeconds.toFixed(1)} s`,
    usage?.peakMemoryBytes == null ? '-' : formatBytes(usage.peakMemoryBytes),
    usage === null ? '-' : String(usage.peakThreads),
    endingReason(record),
    record.command.join(' ').slice(0, 60),
  ]
}

function count(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`"${text}" is not a number of processes`)
}
