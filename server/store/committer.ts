import { GodwitError } from '../../protocol/errors.ts'
import type { RowChange, StoreEngine } from './engine.ts'
import { type After, createExpiryTimer } from './expiry-timer.ts'
import type { StoreCondition, StoreOutcome } from './store.ts'
import { decideTransaction, type PreparedWrite } from './transaction.ts'

/** How long after a failed sweep the next is tried; nobody sees the expired keys meanwhile. */
const SWEEP_RETRY_MS = 1000

type Pending = {
  readonly conditions: readonly StoreCondition[]
  readonly writes: readonly PreparedWrite[]
  readonly resolve: (outcome: StoreOutcome) => void
  readonly reject: (error: unknown) => void
}

/** The only writer of a store. */
export type Committer = {
  /** Resolves when the transaction is on the medium or refused; rejects with GW_STORE when the medium failed. */
  submit(conditions: readonly StoreCondition[], writes: readonly PreparedWrite[]): Promise<StoreOutcome>
  /** Commits what waits and stops the expiry timer. */
  finish(): void
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

/**
 * Group commit: transactions that come in the same turn of the event loop (every packet one poll brought) are
 * decided one after the other and share one write to the medium, one fsync instead of one each. When the medium
 * fails, all of them reject and none happened. `publish` gets the changes once they are on the medium, before the
 * writers hear.
 */
export function createCommitter(
  engine: StoreEngine,
  now: () => number,
  after: After,
  publish: (changes: readonly RowChange[]) => void,
): Committer {
  let queue: Pending[] = []
  const timer = createExpiryTimer(now, after, flush)

  function flush(): void {
    const batch = queue
    queue = []
    const done = attempt(() => engine.atomically(() => commitAll(engine, batch, now())))
    if (done.kind === 'failed') {
      timer.arm(now() + SWEEP_RETRY_MS)
      for (const { reject } of batch) reject(done.error)
      return
    }
    publish(done.result.changed)
    timer.arm(done.result.nextExpiryMs)
    for (const { pending, outcome } of done.result.settled) pending.resolve(outcome)
  }

  timer.arm(engine.nextExpiryMs())
  return {
    submit(conditions, writes) {
      if (queue.length === 0) setImmediate(() => queue.length > 0 && flush())
      return new Promise((resolve, reject) => queue.push({ conditions, writes, resolve, reject }))
    },
    finish() {
      if (queue.length > 0) flush()
      timer.stop()
    },
  }
}
