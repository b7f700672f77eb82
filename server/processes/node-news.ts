import type { NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { Demand } from '../../protocol/decision.ts'
import type { ProcessEnded, ProcessStarted, RunningProcess } from '../../protocol/link.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import type { ProcessRecord } from '../../protocol/process.ts'
import { judgeAbsence } from './absence.ts'
import type { ProcessLedger } from './ledger.ts'
import type { Placer } from './placing.ts'
import type { ProcessNews } from './record.ts'

/** What nodes tell of processes. Each resolves when the news is on disk and rejects when it could not be written. */
export type NodeNews = {
  /** An agent joined or came back: processes of the node's other boots have ended with those. */
  joined(nodeId: NodeId, kernelBootId: string): Promise<void>
  lost(nodeId: NodeId, reason: string): Promise<void>
  started(nodeId: NodeId, kernelBootId: string, message: ProcessStarted): Promise<void>
  ended(nodeId: NodeId, kernelBootId: string, message: ProcessEnded): Promise<void>
  report(nodeId: NodeId, kernelBootId: string, running: readonly RunningProcess[]): Promise<void>
}

/** Hears of each end that a node has told; `demand` is what the decision estimated for that node. */
export type OnEnded = (record: ProcessRecord, demand: Demand) => void

/** What {@link createNodeNews} needs. */
export type NodeNewsOptions = {
  readonly ledger: ProcessLedger
  readonly placer: Pick<Placer, 'report'>
  readonly now: Now
  readonly log: Log
  readonly count: Count
  readonly onEnded?: OnEnded | undefined
}

/** Processes named once in the log and then no more: a report repeats them each second. */
const NAMED_MAX = 10_000

/** Takes the news of nodes into the ledger. */
export function createNodeNews(options: NodeNewsOptions): NodeNews {
  const { ledger, placer, now, log, count } = options
  const misses = new Map<NodeId, ReadonlyMap<ProcessId, number>>()
  const named = new Set<string>()

  function refuse(nodeId: NodeId, id: ProcessId, reason: string): void {
    count('processes', 'news of a foreign process')
    if (named.size > NAMED_MAX) named.clear()
    const name = `${nodeId} ${id}`
    if (!named.has(name))
      log.warn({ node: nodeId, process: id, reason }, `news of ${id} is not taken: ${reason}`)
    named.add(name)
  }

  /** Only the node a process was placed on may tell of it; anything else is logged and, for the agent, done. */
  async function tell(nodeId: NodeId, id: ProcessId, news: ProcessNews): Promise<void> {
    const record = await ledger.get(id)
    if (record === undefined) return refuse(nodeId, id, 'no such process is known')
    if (record.node !== nodeId) return refuse(nodeId, id, `it was placed on ${record.node}`)
    const decision = news.kind === 'ended' ? await ledger.decision(id) : undefined
    // The node keeps what was not acknowledged; who waits for the disk is the next that wants a place.
    const step = await ledger.apply(id, news, now(), 'soon')
    if (step?.kind === 'foreign') refuse(nodeId, id, step.reason)
    if (step?.kind !== 'changed') return
    // One line for each run, that of its placement, is enough where all is well; the records have the rest.
    const { state } = step.record
    const level = state === 'running' || state === 'ended' ? 'debug' : 'info'
    log[level]({ process: id, node: nodeId, state }, `${id} is ${state}`)
    const chosen = decision?.candidates.find(({ node }) => node === nodeId)
    if (step.record.state === 'ended' && chosen !== undefined) options.onEnded?.(step.record, chosen.demand)
  }

  const activeOn = (nodeId: NodeId) => ledger.active().filter(({ node }) => node === nodeId)
  const lose = (nodeId: NodeId, ids: readonly ProcessId[], reason: string) =>
    Promise.all(ids.map(id => tell(nodeId, id, { kind: 'lost', reason, atMs: now() })))

  return {
    async joined(nodeId, kernelBootId) {
      misses.delete(nodeId)
      const older = activeOn(nodeId).filter(({ bootId }) => bootId !== kernelBootId)
      await lose(nodeId, older.map(idOf), 'its node was restarted')
    },
    async lost(nodeId, reason) {
      await lose(nodeId, activeOn(nodeId).map(idOf), reason)
    },
    async started(nodeId, bootId, { id, pid, startedAtMs }) {
      await tell(nodeId, id, { kind: 'started', bootId, pid, startedAtMs })
    },
    async ended(nodeId, bootId, { id, startedAtMs, endedAtMs, ending, usage }) {
      await tell(nodeId, id, { kind: 'ended', bootId, startedAtMs, endedAtMs, ending, usage })
    },
    async report(nodeId, bootId, running) {
      placer.report(nodeId, running, now())
      for (const { id, pid, startedAtMs, usage } of running) {
        const known = ledger.activeOne(id)
        if (known?.state !== 'running' || known.node !== nodeId)
          await tell(nodeId, id, { kind: 'started', bootId, pid, startedAtMs, usage })
        else ledger.noteUsage(id, usage)
      }
      const reported = new Set(running.map(idOf))
      const before = misses.get(nodeId) ?? new Map()
      const absence = judgeAbsence(activeOn(nodeId), reported, before, now())
      misses.set(nodeId, absence.misses)
      await lose(nodeId, absence.lost, 'its node no longer has it and did not tell how it ended')
      for (const id of absence.unused)
        await tell(nodeId, id, { kind: 'refused', reason: 'nobody used its ticket in time' })
    },
  }
}

function idOf({ id }: { readonly id: ProcessId }): ProcessId {
  return id
}
