import type { Command } from 'commander'
import { Decision } from '../../protocol/decision.ts'
import { openAdmin } from '../admin-socket.ts'
import { describeDecision } from '../decision-text.ts'
import { printJson } from '../output.ts'

/** `godwit why ID`: the placement decision of one process. */
export function addWhy(program: Command): void {
  program
    .command('why')
    .argument('<id>', 'process, as in `godwit ps`, or `last`')
    .description(
      'explain where a process was placed: what it wants and how that is known, candidates, scores by term, nodes that could not',
    )
    .option('--json', 'the decision as one JSON object')
    .addHelpText('after', '\nExamples:\n  godwit why last\n  godwit why p-3k7v0q1abc --json')
    .action(async (id: string, options: { json?: boolean }) => {
      const client = await openAdmin(program)
      const decision = await client.get(`/v1/processes/${encodeURIComponent(id)}/decision`, Decision)
      if (options.json) printJson(decision)
      else process.stdout.write(`${describeDecision(decision)}\n`)
    })
}
