import type { Command } from 'commander'
import * as z from 'zod'
import { BootRecord, NodeView } from '../../protocol/node.ts'
import { openAdmin } from '../admin-socket.ts'
import { describeNode } from '../node-text.ts'
import { printJson } from '../output.ts'
import { timelineText } from '../timeline-text.ts'

/** `godwit node show|timeline|approve|drain|resume`. */
export function addNode(program: Command): void {
  const node = program.command('node').description('look at one machine, let it join, work or rest')
  const client = () => openAdmin(program)
  const path = (name: string) => `/v1/nodes/${encodeURIComponent(name)}`

  node
    .command('show')
    .argument('<name>', 'name or id, as in `godwit nodes`')
    .description('hardware, state and load of one machine')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExample:\n  godwit node show node-7a01')
    .action(async (name: string, options: { json?: boolean }) => {
      const view = await (await client()).get(path(name), NodeView)
      if (options.json) printJson(view)
      else process.stdout.write(`${describeNode(view)}\n`)
    })

  node
    .command('timeline')
    .argument('<name>', 'name or id, as in `godwit nodes`')
    .description('the stages of its boots, newest first, with times')
    .option('--json', 'one JSON array of boots')
    .addHelpText('after', '\nExample:\n  godwit node timeline node-7a01')
    .action(async (name: string, options: { json?: boolean }) => {
      const boots = await (await client()).get(`${path(name)}/boots`, z.array(BootRecord))
      if (options.json) printJson(boots)
      else process.stdout.write(`${boots.map(timelineText).join('\n\n')}\n`)
    })

  node
    .command('approve')
    .argument('<name>', 'name or id of a machine in state `pending`')
    .description('let a waiting machine join (cluster.approval: manual)')
    .option('--json', 'the machine as one JSON object')
    .action(async (name: string, options: { json?: boolean }) => {
      const view = await (await client()).post(`${path(name)}/approve`, {}, NodeView)
      if (options.json) printJson(view)
      else process.stdout.write(`${view.name} is ${view.state}\n`)
    })
  for (const [verb, description, done] of [
    ['drain', 'give a machine no new processes; those it has run on', 'takes no new processes'],
    ['resume', 'give a drained machine processes again', 'takes processes again'],
  ] as const)
    node
      .command(verb)
      .argument('<name>', 'name or id, as in `godwit nodes`')
      .description(description)
      .option('--json', 'the machine as one JSON object')
      .addHelpText('after', `\nExample:\n  godwit node ${verb} node-7a01`)
      .action(async (name: string, options: { json?: boolean }) => {
        const view = await (await client()).post(`${path(name)}/${verb}`, {}, NodeView)
        if (options.json) printJson(view)
        else process.stdout.write(`${view.name} ${done}; ${view.processes} run there\n`)
      })
}
