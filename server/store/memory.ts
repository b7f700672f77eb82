import { ChangeLog } from './change-log.ts'
import { DEFAULT_KEPT_REVISIONS, type Row, type StoreEngine } from './engine.ts'
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

/** Rows in a map; nothing here can fail halfway, so `atomically` only has to run its work. */
export function memoryEngine(keptRevisions: number): StoreEngine {
  const rows = new Map<string, Row>()
  const log = new ChangeLog(keptRevisions, 0)
  return {
    revision: () => log.revision,
    compactedRevision: () => log.compactedRevision,
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
    changesAfter: revision => log.after(revision),
    apply(changes, revision) {
      for (const change of changes) {
        if (change.kind === 'put') rows.set(change.row.key, change.row)
        else rows.delete(change.key)
      }
      log.add(changes, revision)
    },
    atomically: work => work(),
    close: () => rows.clear(),
  }
}

/** A store that lives as long as its process: for tests, for trying out, for a server told to forget. */
export function createMemoryStore({
  keptRevisions = DEFAULT_KEPT_REVISIONS,
  ...clock
}: MemoryStoreOptions): Store {
  return storeOver(memoryEngine(keptRevisions), clock)
}
