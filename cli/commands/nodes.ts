import type { Command } from 'commander'
import * as z from 'zod'
import { formatBytes } from '../../config/values/bytes.ts'
import { ServerStatus } from '../../protocol/admin.ts'
import { NodeView } from '../../protocol/node.ts'
import type { AdminClient } from '../admin-client.ts'
import { openAdmin } from '../admin-socket.ts'
import { printJson, renderTable } from '../output.ts'
import { watch } from '../watch.ts'

/** `godwit nodes`: every machine seen, joined or not. */
export function addNodes(program: Command): void {
  program
    .command('nodes')
    .description('list the machines and what they are doing')
    .option('--json', 'one JSON array instead of the table')
    .option('-w, --watch', 'keep the table on the screen, renewed every second, until ^C')
    .addHelpText(
      'after',
      "\nExamples:\n  godwit nodes\n  godwit nodes --watch\n  godwit nodes --json | jq '.[].name'",
    )
    .action(async (options: { json?: boolean; watch?: boolean }) => {
      const client = await openAdmin(program)
      if (options.watch) return watch(async () => nodesTable(await fetchNodes(client)), 1000)
      const nodes = await fetchNodes(client)
      if (options.json) printJson(nodes)
      else process.stdout.write(`${[nodesTable(nodes), ...(await fetchAlarms(client))].join('\n')}\n`)
    })
}

/** All nodes from the server. */
export function fetchNodes(client: AdminClient): Promise<readonly NodeView[]> {
  return client.get('/v1/nodes', z.array(NodeView))
}

/** What the server wants an operator to know, one line each. */
async function fetchAlarms(client: AdminClient): Promise<readonly string[]> {
  const { links } = await client.get('/v1/status', ServerStatus)
  return links.flatMap(link => (link.dhcp?.alarms ?? []).map(text => `! ${link.interface}: ${text}`))
}

/** The table of `godwit nodes`, or a sentence when there is no machine yet. */
export function nodesTable(nodes: readonly NodeView[]): string {
  if (nodes.length === 0)
    return 'no machine seen yet: power one on, with network boot first in its boot order'
  const head = ['NAME', 'STATE', 'FIRMWARE', 'IP', 'CPU', 'MEMORY', 'SPEED', 'BUSY', 'PROCESSES', 'NOTE']
  return renderTable(head, nodes.map(nodeRow))
}

function nodeRow(node: NodeView): readonly string[] {
  const { hardware, load, speed } = node
  const used = load ? formatBytes(load.memoryTotalBytes - load.memoryAvailableBytes) : undefined
  const total = hardware ? formatBytes(hardware.memory.totalBytes) : undefined
  return [
    node.name,
    node.state,
    node.firmware ?? '-',
    node.ip ?? '-',
    hardware ? `${hardware.cpu.threads} × ${hardware.cpu.model || hardware.cpu.vendor}`.slice(0, 36) : '-',
    total === undefined ? '-' : used === undefined ? total : `${used} of ${total}`,
    speed ? speed.all.toFixed(2) : '-',
    load ? `${Math.round(load.cpuBusy * 100)} %` : '-',
    String(node.processes),
    node.reason ?? homeNote(node) ?? lastStage(node),
  ]
}

/** Worth a note only where a home folder is shared and this node has it not. */
function homeNote({ home }: NodeView): string | undefined {
  return home?.state === 'absent' ? `without ${home.folder}: ${home.reason ?? 'unknown'}` : undefined
}

/** While a machine boots, its latest stage is what people want to see. */
function lastStage(node: NodeView): string {
  return node.state === 'booting' ? (node.boot.stages.at(-1)?.name ?? '') : ''
}
