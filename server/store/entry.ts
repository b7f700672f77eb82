import type { Row, RowChange } from './engine.ts'
import type { StoreChange, StoreEntry } from './store.ts'

/** The row as callers see it; each call parses anew, so nobody can change what others read. */
export function toEntry({ key, json, version, revision }: Row): StoreEntry {
  return { key, value: JSON.parse(json), version, revision }
}

/** The change as watchers see it. */
export function toChange(change: RowChange): StoreChange {
  return change.kind === 'put' ? { kind: 'put', entry: toEntry(change.row) } : change
}

/** Whether the row is due at `nowMs`: from then on nobody sees it, swept away or not. */
export function isExpired(row: Row, nowMs: number): boolean {
  return row.expiresAtMs !== null && row.expiresAtMs <= nowMs
}
