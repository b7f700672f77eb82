import { once } from 'node:events'
import type { Command } from 'commander'
import { ProcessRecord } from '../../protocol/process.ts'
import { openAdmin } from '../admin-socket.ts'
import { say } from '../output.ts'
import { keptOutput, writeOutput } from '../process/kept-output.ts'
import { outputLines } from '../process/output-lines.ts'

const tell = (line: string) => say(`godwit: ${line}`)

/** `godwit logs ID`: what a detached process has written, from wherever it runs. */
export function addLogs(program: Command): void {
  program
    .command('logs')
    .argument('<id>', 'process: id, beginning of one, name, or `last`')
    .description('print what a process of `godwit run --detach` has written, each of its two outputs to ours')
    .option('-f, --follow', 'go on until it is over')
    .option('--json', 'one JSON object per line, with stream and time')
    .addHelpText(
      'after',
      `
Examples:
  godwit logs last
  godwit logs -f nightly 2>errors.txt
  godwit logs --json p-3k7v0q1abc

Kept is the last MiB of each process, in its node's memory, until a day after its end.`,
    )
    .action(async (wanted: string, options: { follow?: boolean; json?: boolean }) => {
      const client = await openAdmin(program)
      const { id } = await client.get(`/v1/processes/${encodeURIComponent(wanted)}`, ProcessRecord)
      const lines = outputLines()
      for await (const output of keptOutput(client, { id, from: 0, follow: options.follow === true, tell })) {
        if (!options.json) await writeOutput(output, tell)
        else
          for (const line of lines(output))
            if (!process.stdout.write(`${JSON.stringify(line)}\n`)) await once(process.stdout, 'drain')
      }
    })
}
