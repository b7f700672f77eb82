import type { Command } from 'commander'
import { formatBytes } from '../../config/values/bytes.ts'
import { Decision } from '../../protocol/decision.ts'
import { openAdmin } from '../admin-socket.ts'
import { printJson, renderTable } from '../output.ts'

/** `godwit why ID`: the placement decision of one process. */
export function addWhy(program: Command): void {
  program
    .command('why')
    .argument('<id>', 'process, as in `godwit ps`, or `last`')
    .description('explain where a process was placed: candidates, scores by term, nodes that could not')
    .option('--json', 'the decision as one JSON object')
    .addHelpText('after', '\nExamples:\n  godwit why last\n  godwit why p-3k7v0q1abc --json')
    .action(async (id: string, options: { json?: boolean }) => {
      const client = await openAdmin(program)
      const decision = await client.get(`/v1/processes/${encodeURIComponent(id)}/decision`, Decision)
      if (options.json) printJson(decision)
      else process.stdout.write(`${describeDecision(decision)}\n`)
    })
}

/** The decision as text: what was asked, who was best and by which terms, who was left out and why. */
export function describeDecision(decision: Decision): string {
  const chosen = decision.candidates.find(candidate => candidate.node === decision.chosen)
  const title = `${decision.process}: ${decision.command.join(' ')}`
  const terms = [...new Set(decision.candidates.flatMap(candidate => Object.keys(candidate.terms)))]
  const rows = decision.candidates.map(candidate => [
    `${candidate.node === decision.chosen ? '* ' : '  '}${candidate.name}`,
    candidate.score.toFixed(3),
    ...terms.map(term => (candidate.terms[term] ?? 0).toFixed(3)),
  ])
  return [
    title,
    chosen
      ? `placed on ${chosen.name}: ${threadsText(chosen.demand.threads)} (${chosen.demand.threadsFrom}), ${formatBytes(chosen.demand.memoryBytes)} (${chosen.demand.memoryFrom})`
      : 'placed nowhere',
    ...(rows.length > 0
      ? [renderTable(['CANDIDATE', 'SCORE', ...terms.map(term => term.toUpperCase())], rows)]
      : []),
    ...decision.filtered.map(node => `  ${node.name}: ${node.reason} (${node.detail})`),
    ...omittedLines(decision),
    ...(rows.length > 1 ? ['lower is better; * was chosen'] : []),
  ].join('\n')
}

/** What a large cluster has beside the nodes that are kept. */
function omittedLines({ omitted }: Decision): readonly string[] {
  if (omitted === undefined) return []
  const filtered = Object.entries(omitted.reasons).map(([reason, count]) => `${count} more: ${reason}`)
  const candidates = omitted.candidates === 0 ? [] : [`${omitted.candidates} more could have taken it`]
  return [...candidates, ...filtered].map(line => `  ${line}`)
}

function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`
}
