import type { Command } from 'commander'
import * as z from 'zod'
import { formatBytes } from '../../config/values/bytes.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import { openAdmin } from '../admin-socket.ts'
import { formatDuration, printJson, renderTable } from '../output.ts'
import { watch } from '../watch.ts'

/** `godwit ps`: the processes and where they run. */
export function addPs(program: Command): void {
  program
    .command('ps')
    .description('list processes and where they run')
    .option('-a, --all', 'also the ended ones')
    .option('-w, --watch', 'keep the table on the screen until ^C')
    .option('--json', 'one JSON array')
    .addHelpText('after', '\nExamples:\n  godwit ps\n  godwit ps --all --json')
    .action(async (options: { all?: boolean; json?: boolean; watch?: boolean }) => {
      const client = await openAdmin(program)
      const fetch = () => client.get(`/v1/processes${options.all ? '?all=1' : ''}`, z.array(ProcessRecord))
      if (options.watch) return watch(async () => processTable(await fetch(), Date.now()), 1000)
      const processes = await fetch()
      if (options.json) printJson(processes)
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
    record.id,
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

/** `0`, `7`, `SIGKILL (out of memory)`, or the reason for there being no status. */
export function endingText(record: ProcessRecord): string {
  if (record.ending === null) return record.reason ?? ''
  const { exitStatus, oomKilled, signal } = record.ending
  return `${signal ?? exitStatus ?? 'unknown'}${oomKilled ? ' (out of memory)' : ''}`
}
