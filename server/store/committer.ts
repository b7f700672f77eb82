import { GodwitError } from '../../protocol/errors.ts'
import type { RowChange, StoreEngine } from './engine.ts'
import { type After, createExpiryTimer } from './expiry-timer.ts'
import type { Haste, StoreCondition, StoreOutcome } from './store.ts'
import { decideTransaction, type PreparedWrite } from './transaction.ts'

/** How long after a failed sweep the next is tried; nobody sees the expired keys meanwhile. */
const SWEEP_RETRY_MS = 1000
/** How long a transaction that nobody waits for waits for others. */
const SOON_MS = 25

type Pending = {
  readonly conditions: readonly StoreCondition[]
  readonly writes: readonly PreparedWrite[]
  readonly resolve: (outcome: StoreOutcome) => void
  readonly reject: (error: unknown) => void
}

/** The only writer of a store. */
export type Committer = {
  /** Resolves when the transaction is on the medium or refused; rejects with GW_STORE when the medium failed. */
  submit(
    conditions: readonly StoreCondition[],
    writes: readonly PreparedWrite[],
    haste: Haste,
  ): Promise<StoreOutcome>
  /** Runs `work` when everything decided so far is on the medium and published: at once, or soon. */
  whenSettled(work: () => void): void
  /** Commits what waits and stops the expiry timer; resolves when all is on the medium. */
  finish(): Promise<void>
}

/** Deletes what is due at `nowMs`, as one revision, adding the changes to `changed`. */
function expire(engine: StoreEngine, nowMs: number, changed: RowChange[]): void {
  const due = engine.expired(nowMs)
  if (due.length === 0) return
  const revision = engine.revision() + 1
  const changes = due.map(({ key }) => ({ kind: 'delete' as const, key, revision }))
  engine.apply(changes, revision)
  changed.push(...changes)
}

function commitOne(engine: StoreEngine, pending: Pending, changed: RowChange[]): StoreOutcome {
  const revision = engine.revision() + 1
  const verdict = decideTransaction(engine.versionOf, pending.conditions, pending.writes, revision)
  if (verdict.kind === 'conflict') return verdict
  if (verdict.changes.length === 0) return { kind: 'committed', revision: revision - 1 }
  engine.apply(verdict.changes, revision)
  for (const change of verdict.changes) changed.push(change)
  return { kind: 'committed', revision }
}

/** Whether one of the writes is a key that is due at `nowMs` already. */
function writesDue({ writes }: Pending, nowMs: number): boolean {
  return writes.some(
    write => write.kind === 'put' && write.expiresAtMs !== null && write.expiresAtMs <= nowMs,
  )
}

/** Decides and applies the transactions one after the other, each seeing the one before. */
function commitAll(engine: StoreEngine, batch: readonly Pending[], nowMs: number) {
  const changed: RowChange[] = []
  expire(engine, nowMs, changed)
  const settled = batch.map(pending => {
    const outcome = commitOne(engine, pending, changed)
    // A key may be put with an expiry that has passed already: the next transaction must not see it.
    if (writesDue(pending, nowMs)) expire(engine, nowMs, changed)
    return { pending, outcome }
  })
  return { changed, settled, nextExpiryMs: engine.nextExpiryMs() }
}

type Attempt<T> =
  | { readonly kind: 'done'; readonly result: T }
  | { readonly kind: 'failed'; readonly error: GodwitError }

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { kind: 'done', result: work() }
  } catch (cause) {
    const error = new GodwitError('GW_STORE', 'the store could not be written', { cause })
    return { kind: 'failed', error }
  }
}

type Batch = ReturnType<typeof commitAll>

/**
 * Group commit: transactions that come in the same turn of the event loop (every packet one poll brought), or while
 * the ones before are brought to the medium, are decided one after the other and share one write and one sync instead
 * of one each; those that may come `soon` wait for such a one, or a moment. When the medium fails to take them, all of
 * them reject and none happened. `publish` gets the changes once they are on the medium, before the writers hear.
 */
export function createCommitter(
  engine: StoreEngine,
  now: () => number,
  after: After,
  publish: (changes: readonly RowChange[]) => void,
): Committer {
  let queue: Pending[] = []
  /** Whether what is in the queue is waited for (`now`), or may wait for others (`soon`); undefined: it is empty. */
  let due: Haste | undefined
  let stopWaiting = (): void => undefined
  /** Set while a batch is on its way to the medium. */
  let syncing: Promise<void> | undefined
  /** Why nothing can be written any more. */
  let broken: GodwitError | undefined
  const waiting: (() => void)[] = []
  const timer = createExpiryTimer(now, after, flush)

  function flush(): void {
    // Whoever waits goes with the next batch; a key that is due has the timer armed for it again.
    if (syncing !== undefined) return
    const batch = queue
    queue = []
    due = undefined
    stopWaiting()
    const done = attempt(() => engine.atomically(() => commitAll(engine, batch, now())))
    if (done.kind === 'failed') {
      timer.arm(now() + SWEEP_RETRY_MS)
      for (const { reject } of batch) reject(done.error)
    } else if (engine.sync === undefined || done.result.changed.length === 0) settle(done.result)
    else syncing = bringToMedium(engine.sync, done.result)
  }

  function waitedLongEnough(): void {
    due = 'now'
    flush()
  }

  async function bringToMedium(sync: () => Promise<void>, batch: Batch): Promise<void> {
    try {
      await sync()
    } catch (cause) {
      // What the kernel could not write it may have thrown away: no later sync can be believed.
      broken = new GodwitError('GW_STORE', 'the store could not be written', { cause })
      const lost = [...batch.settled.map(({ pending }) => pending), ...queue.splice(0)]
      for (const { reject } of lost) reject(broken)
    }
    syncing = undefined
    if (broken === undefined) settle(batch)
    for (const work of waiting.splice(0)) throwOutside(work)
    if (due === 'now') flush()
  }

  function settle({ changed, nextExpiryMs, settled: outcomes }: Batch): void {
    publish(changed)
    timer.arm(nextExpiryMs)
    for (const { pending, outcome } of outcomes) pending.resolve(outcome)
  }

  timer.arm(engine.nextExpiryMs())
  return {
    submit(conditions, writes, haste) {
      if (broken !== undefined) return Promise.reject(broken)
      if (haste === 'now' && due !== 'now') setImmediate(() => queue.length > 0 && flush())
      if (haste === 'soon' && due === undefined) stopWaiting = after(SOON_MS, waitedLongEnough)
      if (due !== 'now') due = haste
      return new Promise((resolve, reject) => queue.push({ conditions, writes, resolve, reject }))
    },
    whenSettled(work) {
      if (syncing === undefined) work()
      else waiting.push(work)
    },
    async finish() {
      while (syncing !== undefined || queue.length > 0) {
        flush()
        await syncing
      }
      timer.stop()
    },
  }
}

/** Runs `work`; what it throws is thrown again where it hurts nobody else. */
function throwOutside(work: () => void): void {
  try {
    work()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
