import type { Command } from 'commander'
import * as z from 'zod'
import { formatBytes } from '../../config/values/bytes.ts'
import { HistoryView } from '../../protocol/history.ts'
import { openAdmin } from '../admin-socket.ts'
import { formatDuration, printJson, renderTable } from '../output.ts'

/** `godwit history [COMMAND]` and `godwit history forget KEY`: what placement has learned of commands. */
export function addHistory(program: Command): void {
  const history = program
    .command('history')
    .argument('[command]', 'only keys that contain this, e.g. a jar, a class, an executable')
    .description('what runs of each command have used: placement reserves by it')
    .option('--json', 'one JSON array')
    .addHelpText(
      'after',
      '\nExamples:\n  godwit history\n  godwit history app.jar --json\n  godwit history forget "java app.jar @1000"',
    )
    .action(async (command: string | undefined, options: { json?: boolean }) => {
      const client = await openAdmin(program)
      const all = await client.get('/v1/history', z.array(HistoryView))
      const views = command === undefined ? all : all.filter(({ key }) => key.includes(command))
      if (options.json) printJson(views)
      else process.stdout.write(`${historyTable(views, command, Date.now())}\n`)
    })

  history
    .command('forget')
    .argument('<key>', 'a key as `godwit history` shows it, in quotes')
    .description('forget the runs of one key, so that its next run counts as the first')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExample:\n  godwit history forget "java app.jar @1000"')
    .action(async (key: string, options: { json?: boolean }) => {
      const client = await openAdmin(program)
      const answer = await client.post('/v1/history/forget', { key }, z.object({ forgotten: z.string() }))
      // --json may stand before or after `forget`: the parent has the option as well and takes it where it comes first.
      if (options.json || history.opts<{ json?: boolean }>().json) printJson(answer)
      else process.stdout.write(`forgot ${answer.forgotten}\n`)
    })
}

/** The table of `godwit history`; `nowMs` dates the last runs. `wanted` is what the keys were to contain. */
export function historyTable(
  views: readonly HistoryView[],
  wanted: string | undefined,
  nowMs: number,
): string {
  if (views.length === 0)
    return wanted === undefined
      ? 'nothing was learned yet; commands are remembered when they end: godwit run -- COMMAND'
      : `no key contains "${wanted}"; all of them: godwit history`
  const head = ['KEY', 'RUNS', 'THREADS', 'MEMORY', 'LIFE', 'LAST SEEN', 'OOM KILLS']
  const rows = views.map(view => historyRow(view, nowMs))
  return `${renderTable(head, rows)}\nthreads: 3 of 4 recent runs had no more; memory: 9 of 10; life: the median`
}

function historyRow(view: HistoryView, nowMs: number): readonly string[] {
  const { key, runs, threads, memoryBytes, lifeMs, lastSeenMs, ooms, oomRaise } = view
  return [
    key,
    String(runs),
    threads === null ? '-' : String(Number(threads.toPrecision(2))),
    memoryBytes === null ? '-' : formatBytes(memoryBytes),
    lifeMs === null ? '-' : formatDuration(lifeMs),
    `${formatDuration(Math.max(0, nowMs - lastSeenMs))} ago`,
    oomRaise > 1 ? `${ooms} (memory x ${oomRaise.toFixed(2)})` : String(ooms),
  ]
}
