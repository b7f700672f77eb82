import { DEFAULT_KEPT_REVISIONS, type Row, type RowChange, type StoreEngine } from './engine.ts'
import { type StoreClock, storeOver } from './engine-store.ts'
import { isExpired } from './entry.ts'
import type { Store } from './store.ts'

/** Settings of a store in memory. `keptRevisions` bounds the log that watchers may resume from. */
export type MemoryStoreOptions = StoreClock & { readonly keptRevisions?: number }

function byKey(a: Row, b: Row): number {
  return a.key < b.key ? -1 : 1
}

function byExpiry(a: Row, b: Row): number {
  return Number(a.expiresAtMs) - Number(b.expiresAtMs) || byKey(a, b)
}

function revisionOf(change: RowChange): number {
  return change.kind === 'put' ? change.row.revision : change.revision
}

/** Rows in a map; nothing here can fail halfway, so `atomically` only has to run its work. */
export function memoryEngine(keptRevisions: number): StoreEngine {
  const rows = new Map<string, Row>()
  let log: RowChange[] = []
  let revision = 0
  const compactedRevision = (): number => Math.max(0, revision - keptRevisions)
  return {
    revision: () => revision,
    compactedRevision,
    get: key => rows.get(key),
    versionOf: key => rows.get(key)?.version ?? 0,
    list: prefix => [...rows.values()].filter(row => row.key.startsWith(prefix)).sort(byKey),
    expired: nowMs => [...rows.values()].filter(row => isExpired(row, nowMs)).sort(byExpiry),
    nextExpiryMs() {
      let next: number | undefined
      for (const { expiresAtMs } of rows.values()) {
        if (expiresAtMs !== null && (next === undefined || expiresAtMs < next)) next = expiresAtMs
      }
      return next
    },
    changesAfter: from => log.filter(change => revisionOf(change) > from),
    apply(changes, newRevision) {
      for (const change of changes) {
        if (change.kind === 'put') rows.set(change.row.key, change.row)
        else rows.delete(change.key)
      }
      revision = newRevision
      log.push(...changes)
      // Trimmed only when half of it is stale: an array must not be copied on every write.
      if (log.length > 2 * keptRevisions) log = log.filter(change => revisionOf(change) > compactedRevision())
    },
    atomically: work => work(),
    close() {
      rows.clear()
      log = []
    },
  }
}

/** A store that lives as long as its process: for tests, for trying out, for a server told to forget. */
export function createMemoryStore({
  keptRevisions = DEFAULT_KEPT_REVISIONS,
  ...clock
}: MemoryStoreOptions): Store {
  return storeOver(memoryEngine(keptRevisions), clock)
}
