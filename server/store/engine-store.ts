import { GodwitError } from '../../protocol/errors.ts'
import { checkKey, checkPrefix, prepareWrite } from './check.ts'
import { createCommitter } from './committer.ts'
import type { StoreEngine } from './engine.ts'
import { isExpired, toChange, toEntry } from './entry.ts'
import { type After, afterRealTime } from './expiry-timer.ts'
import type { Store, StoreChange } from './store.ts'
import { createWatchers } from './watchers.ts'

/** What a store needs from outside: the wall clock, and a timer (the real one unless a test brings its own). */
export type StoreClock = { readonly now: () => number; readonly after?: After }

/** Wraps what the medium threw into GW_STORE, cause kept; our own errors pass as they are. */
function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof GodwitError) throw cause
    throw new GodwitError('GW_STORE', 'the store could not be read', { cause })
  }
}

/** What a watch from `fromRevision` hears before the first new change. */
function backlog(engine: StoreEngine, prefix: string, fromRevision: number, nowMs: number): StoreChange[] {
  const revision = engine.revision()
  if (fromRevision === 0 || fromRevision === revision) return []
  if (fromRevision >= engine.compactedRevision() && fromRevision < revision) {
    const changes = engine.changesAfter(fromRevision).map(toChange)
    return changes.filter(change => changeKey(change).startsWith(prefix))
  }
  const rows = engine.list(prefix).filter(row => !isExpired(row, nowMs))
  return [{ kind: 'reset', revision }, ...rows.map(row => ({ kind: 'put' as const, entry: toEntry(row) }))]
}

function changeKey(change: StoreChange): string {
  if (change.kind === 'put') return change.entry.key
  return change.kind === 'delete' ? change.key : ''
}

/** A {@link Store} on an engine: the one place for conditions, expiry, watches and group commit. */
export function storeOver(engine: StoreEngine, { now, after = afterRealTime }: StoreClock): Store {
  const watchers = createWatchers()
  const committer = createCommitter(engine, now, after, watchers.publish)
  let closed = false
  const assertOpen = (): void => {
    if (closed) throw new GodwitError('GW_STORE', 'the store is closed')
  }
  return {
    async get(key) {
      assertOpen()
      const row = guarded(() => engine.get(checkKey(key)))
      return row === undefined || isExpired(row, now()) ? undefined : toEntry(row)
    },
    async list(prefix) {
      assertOpen()
      const nowMs = now()
      const rows = guarded(() => engine.list(checkPrefix(prefix)))
      return rows.filter(row => !isExpired(row, nowMs)).map(toEntry)
    },
    async transact(conditions, writes, haste = 'now') {
      assertOpen()
      for (const { key } of conditions) checkKey(key)
      return committer.submit([...conditions], writes.map(prepareWrite), haste)
    },
    watch(prefix, fromRevision, onChange, signal) {
      assertOpen()
      checkPrefix(prefix)
      // Not before what is on its way to the medium has been told to those who watch already.
      committer.whenSettled(() => {
        const missed = guarded(() => backlog(engine, prefix, fromRevision, now()))
        watchers.add(prefix, missed, onChange, signal)
      })
    },
    async close() {
      if (closed) return
      closed = true
      await committer.finish()
      watchers.clear()
      guarded(() => engine.close())
    },
  }
}
