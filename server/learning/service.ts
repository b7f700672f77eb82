import type { NodeId } from '../../config/values/node-id.ts'
import type { Demand } from '../../protocol/decision.ts'
import type { HistoryView } from '../../protocol/history.ts'
import type { Log, Now } from '../../protocol/log.ts'
import type { ProcessRecord } from '../../protocol/process.ts'
import type { Store } from '../store/store.ts'
import { Keeper } from './keeper.ts'
import type { Knowledge } from './knowledge.ts'
import { Learning } from './learning.ts'
import { type ObservedNode, observationOf } from './observation.ts'
import { viewOf } from './view.ts'

/** How long lessons are collected before they are written; a crash forgets no more than these. */
const WRITE_AFTER_MS = 1000

/** What {@link startLearning} needs. */
export type LearningOptions = {
  readonly store: Store
  readonly now: Now
  readonly log: Log
}

/** Learns from the processes of the cluster and keeps what it learned. */
export type LearningService = {
  /** What decisions ask, from memory. */
  readonly knowledge: Knowledge
  /** A process was given to this node. */
  placed(node: NodeId): void
  /** A process has ended; `demand` is what its decision estimated for its node. Never throws. */
  ended(record: ProcessRecord, demand: Demand, observed: ObservedNode): void
  /** The node has left the cluster for good. */
  nodeForgotten(node: NodeId): void
  /** What was learned, latest run first. */
  histories(): readonly HistoryView[]
  /** Forgets one key; answers whether it was known, when that is on disk. Rejects with GW_STORE. */
  forget(key: string): Promise<boolean>
  /** Writes what is left to write. */
  close(): Promise<void>
}

/** Opens what was learned before. Rejects with GW_STORE. */
export async function startLearning({ store, now, log }: LearningOptions): Promise<LearningService> {
  const keeper = new Keeper(store)
  const kept = await keeper.read()
  for (const { key, problem } of kept.broken)
    log.error({ key, problem }, 'what was learned does not fit its schema and is left out')
  const learning = new Learning(kept)
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  /** One write after the other; what fails stays pending and goes with the next. */
  function write(): Promise<void> {
    timer = undefined
    const next = writing.then(() => keeper.write())
    writing = next.catch((error: unknown) =>
      log.error({ error: String(error) }, 'lessons could not be stored'),
    )
    return next
  }

  function writeSoon(): void {
    timer ??= setTimeout(() => void write().catch(() => undefined), WRITE_AFTER_MS)
  }

  return {
    knowledge: learning,
    placed: node => learning.placed(node, now()),
    ended(record, demand, observed) {
      const observation = observationOf(record, demand, observed)
      if (observation === undefined) return
      keeper.note(learning.note(observation, now()))
      writeSoon()
    },
    nodeForgotten(node) {
      learning.forgetNode(node)
      keeper.forgetNode(node)
      writeSoon()
    },
    histories: () => learning.book.all().map(history => viewOf(history, now())),
    async forget(key) {
      const known = learning.book.forget(key)
      keeper.forget(key)
      await write()
      return known
    },
    async close() {
      clearTimeout(timer)
      await write().catch(() => undefined)
    },
  }
}
