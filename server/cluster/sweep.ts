import type { Log, Now } from '../../protocol/log.ts'
import { applyLost } from './membership.ts'
import { forgetReport, type LiveNode, type NodeBook } from './node-book.ts'
import type { ProcessListener } from './process-listener.ts'
import { ownPauseMs, silentNodes } from './silence.ts'

/** Time between two looks for silent nodes and two writes of boot stages; a crash loses no more of a timeline. */
export const SWEEP_MS = 1000

/** What {@link createSweep} needs; `lostAfterMs` is the silence after which a node is lost. */
export type SweepOptions = {
  readonly book: NodeBook
  readonly listeners: readonly ProcessListener[]
  readonly lostAfterMs: number
  readonly now: Now
  readonly log: Log
}

/**
 * One look over all nodes, to be called every SWEEP_MS: marks silent ones lost, writes what is due, then has the
 * processes of lost nodes written off. Rejects when one of these could not be stored; the next call goes on with it.
 */
export function createSweep({ book, listeners, lostAfterMs, now, log }: SweepOptions): () => Promise<void> {
  /** Lost nodes whose processes are not yet written off; a sweep that fails leaves them to the next. */
  const unsettled = new Set<LiveNode>()
  let lastSweepMs = now()

  function markLost(nowMs: number, pauseMs: number): void {
    const here = book.all().filter(({ record }) => record.join !== null && record.join.lostAtMs === null)
    for (const node of here) node.heardAtMs = Math.min(nowMs, node.heardAtMs + pauseMs)
    const byId = new Map<string, LiveNode>(here.map(node => [node.record.id, node]))
    const heard = here.map(({ record, heardAtMs }) => ({ id: record.id, heardAtMs }))
    for (const { id, silentMs } of silentNodes(heard, nowMs, lostAfterMs)) {
      const node = byId.get(id)
      if (node === undefined) continue
      book.apply(node, applyLost(node.record, silentMs, nowMs))
      unsettled.add(node)
    }
  }

  return async () => {
    const nowMs = now()
    const pauseMs = ownPauseMs(lastSweepMs, nowMs, SWEEP_MS)
    lastSweepMs = nowMs
    if (pauseMs > 0) log.warn({ pauseMs }, 'the server was paused; nodes get that time again')
    markLost(nowMs, pauseMs)
    await book.flush()
    for (const node of unsettled) {
      await loseNode(node, book, listeners)
      unsettled.delete(node)
    }
  }
}

async function loseNode(
  node: LiveNode,
  book: NodeBook,
  listeners: readonly ProcessListener[],
): Promise<void> {
  if (node.record.join?.lostAtMs === null) return // it came back meanwhile
  node.connection?.close('silent for too long')
  forgetReport(node)
  book.touched(node)
  for (const listener of listeners)
    await listener.lost(node.record.id, `${node.record.name} was ${node.record.join?.lostReason ?? 'lost'}`)
}
