import type { Command } from 'commander'
import * as z from 'zod'
import { formatBytes } from '../../config/values/bytes.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import { openAdmin } from '../admin-socket.ts'
import { formatDuration, printJson, renderTable } from '../output.ts'
import { endingText } from '../process/ending-text.ts'
import { filterProcesses, type ProcessWish } from '../process/filter.ts'
import { addWishes } from '../process/wishes.ts'
import { watch } from '../watch.ts'

type Options = ProcessWish & { readonly all?: boolean; readonly json?: boolean; readonly watch?: boolean }

/** `godwit ps`: the processes and where they run. */
export function addPs(program: Command): void {
  const command = program
    .command('ps')
    .description('list processes and where they run')
    .option('-a, --all', 'also the ended ones')
    .option('-w, --watch', 'keep the table on the screen until ^C')
    .option('--json', 'one JSON array')
  addWishes(command)
    .addHelpText(
      'after',
      '\nExamples:\n  godwit ps\n  godwit ps --node node-677701\n  godwit ps --all --json',
    )
    .action(async ({ all, json, watch: isWatch, ...wish }: Options) => {
      const client = await openAdmin(program)
      const path = `/v1/processes${all ? '?all=1' : ''}`
      const fetch = async () => filterProcesses(await client.get(path, z.array(ProcessRecord)), wish)
      if (isWatch) return watch(async () => processTable(await fetch(), Date.now()), 1000)
      const processes = await fetch()
      if (json) printJson(processes)
      else process.stdout.write(`${processTable(processes, Date.now())}\n`)
    })
}

/** The table of `godwit ps`; `nowMs` dates what still runs. */
export function processTable(processes: readonly ProcessRecord[], nowMs: number): string {
  if (processes.length === 0) return 'no process runs; start one: godwit run -- COMMAND'
  const head = ['ID', 'STATE', 'NODE', 'THREADS', 'MEMORY', 'CPU', 'FOR', 'STATUS', 'COMMAND']
  return renderTable(
    head,
    processes.map(record => processRow(record, nowMs)),
  )
}

function processRow(record: ProcessRecord, nowMs: number): readonly string[] {
  const { usage } = record
  const since = record.startedAtMs ?? record.placedAtMs
  return [
    record.name === undefined ? record.id : `${record.id} ${record.name}`,
    record.state,
    record.nodeName,
    usage ? String(record.endedAtMs === null ? usage.threads : usage.peakThreads) : '-',
    usage?.peakMemoryBytes != null ? formatBytes(usage.peakMemoryBytes) : '-',
    usage ? `${usage.cpuSeconds.toFixed(1)} s` : '-',
    formatDuration((record.endedAtMs ?? nowMs) - since),
    endingText(record),
    record.command.join(' ').slice(0, 60),
  ]
}
