import { setTimeout as sleep } from 'node:timers/promises'
import { GodwitError } from '../../protocol/errors.ts'
import type { NodeView } from '../../protocol/node.ts'
import type { AdminClient } from '../admin-client.ts'
import { fetchNodes } from '../commands/nodes.ts'
import { formatDuration } from '../output.ts'

/** What to wait for, and where to tell what is seen meanwhile. */
export type WaitOptions = {
  readonly client: AdminClient
  readonly count: number
  /** Boots that began before are not ours: the lab keeps its state, and with it what it knew of its machines. */
  readonly sinceMs: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Emulated machines on a busy host have been seen to need four minutes. */
const LIMIT_MS = 15 * 60_000
const POLL_MS = 500

/**
 * Tells each boot stage as it is reached, until `count` nodes are ready and have told their hardware. Throws GW_LAB
 * when a boot fails, naming its reason, and when it takes a quarter of an hour.
 */
export async function waitForNodes(options: WaitOptions): Promise<readonly NodeView[]> {
  const told = new Set<string>()
  const deadlineMs = Date.now() + LIMIT_MS
  for (;;) {
    const seen = await fetchNodes(options.client).catch(ignoreAbsence)
    const nodes = seen.filter(node => node.boot.startedAt >= options.sinceMs)
    for (const node of nodes) tellStages(node, told, options.say)
    const failed = nodes.find(node => node.state === 'failed')
    if (failed)
      throw new GodwitError('GW_LAB', `${failed.name} did not boot: ${failed.reason ?? 'no reason told'}`)
    const ready = nodes.filter(node => node.state === 'ready' && node.hardware !== null)
    if (ready.length >= options.count) return ready
    if (Date.now() > deadlineMs) {
      const progress = nodes
        .map(node => `${node.name} at ${node.boot.stages.at(-1)?.name ?? 'nothing'}`)
        .join(', ')
      throw new GodwitError(
        'GW_LAB',
        `not all machines are ready after ${formatDuration(LIMIT_MS)}: ${progress || 'none was seen'}`,
      )
    }
    await sleep(POLL_MS, undefined, { signal: options.signal })
  }
}

function tellStages(node: NodeView, told: Set<string>, say: (line: string) => void): void {
  for (const stage of node.boot.stages) {
    const key = `${node.id} ${node.boot.startedAt} ${stage.name}`
    if (told.has(key)) continue
    told.add(key)
    const firmware = node.firmware ?? '?'
    say(
      `${formatDuration(stage.atMs).padStart(8)}  ${node.name} (${firmware})  ${stage.name}${stage.detail ? `: ${stage.detail}` : ''}`,
    )
  }
}

/** The server may still be starting. */
function ignoreAbsence(error: unknown): readonly NodeView[] {
  if (error instanceof GodwitError && error.code === 'GW_SERVER_DOWN') return []
  throw error
}
