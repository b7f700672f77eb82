import type { Command } from 'commander'
import { ProcessRecord } from '../../protocol/process.ts'
import { openAdmin } from '../admin-socket.ts'
import { listenForWishes } from '../attach/terminal.ts'
import { say } from '../output.ts'
import { endingReason } from '../process/ending-text.ts'
import { keptOutput, writeOutput } from '../process/kept-output.ts'
import { statusOf, waitFor } from '../process/wait-for.ts'

const tell = (line: string) => say(`godwit: ${line}`)

/** `godwit attach ID`: be at a detached process again, with its output from now on and our signals. */
export function addAttach(program: Command): void {
  program
    .command('attach')
    .argument('<id>', 'process: id, beginning of one, name, or `last`')
    .description('show what a process of `godwit run --detach` writes from now on, and pass it signals')
    .option('--all', 'also what is kept of before')
    .addHelpText(
      'after',
      `
Examples:
  godwit attach last
  godwit attach --all nightly

^C and ^\\ go to the process, as do TERM, USR1 and USR2; ^P ^Q leaves it alone and ends this, as does a closed
terminal. It has no input: what is typed is not for it.

Exit status: the process's own, 128 + number when a signal killed it, 255 when its node was lost; 0 after ^P ^Q.`,
    )
    .action(async (wanted: string, options: { all?: boolean }) => {
      const client = await openAdmin(program)
      const { id } = await client.get(`/v1/processes/${encodeURIComponent(wanted)}`, ProcessRecord)
      const from = options.all ? 0 : 'end'
      let stopListening: (() => void) | undefined
      const left = new Promise<'left'>(resolve => {
        stopListening = listenForWishes({
          onSignal: signal =>
            void client
              .post(`/v1/processes/${id}/kill`, { signal }, ProcessRecord)
              .catch((error: Error) => tell(error.message)),
          onLeave: () => resolve('left'),
        })
      })
      try {
        const shown = (async () => {
          for await (const output of keptOutput(client, { id, from, follow: true, tell }))
            await writeOutput(output, tell)
          return waitFor(client, id, undefined)
        })()
        const record = await Promise.race([shown, left])
        if (record === 'left') {
          tell(`left ${id}, which goes on`)
          process.exit(0) // the answer that is waited for may take its time
        }
        process.exitCode = statusOf(record)
        if (process.exitCode !== 0) tell(`${id}: ${endingReason(record)}`)
      } finally {
        stopListening?.()
      }
    })
}
