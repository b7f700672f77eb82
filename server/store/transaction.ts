import type { RowChange } from './engine.ts'
import type { StoreCondition } from './store.ts'

/** A write that passed the door: its value is text already, so later changes to the object do not reach the store. */
export type PreparedWrite =
  | { readonly kind: 'put'; readonly key: string; readonly json: string; readonly expiresAtMs: number | null }
  | { readonly kind: 'delete'; readonly key: string }

/** What a transaction comes to: the changes to apply (maybe none), or the keys that were not as expected. */
export type Verdict =
  | { readonly kind: 'apply'; readonly changes: readonly RowChange[] }
  | { readonly kind: 'conflict'; readonly keys: readonly string[] }

/**
 * Decides one transaction. `versionOf` tells a key's version now, 0 where there is none; `revision` is the number its
 * changes get. Writes follow one another, so a key written twice counts twice.
 */
export function decideTransaction(
  versionOf: (key: string) => number,
  conditions: readonly StoreCondition[],
  writes: readonly PreparedWrite[],
  revision: number,
): Verdict {
  const versions = new Map<string, number>()
  // Asked once for each key: it is a query, and conditions are mostly about what is written.
  const versionNow = (key: string): number => {
    const version = versions.get(key) ?? versionOf(key)
    versions.set(key, version)
    return version
  }
  const failed = conditions.filter(({ key, version }) => versionNow(key) !== version)
  if (failed.length > 0) return { kind: 'conflict', keys: [...new Set(failed.map(({ key }) => key))] }
  const changes: RowChange[] = []
  for (const write of writes) {
    const version = versionNow(write.key)
    if (write.kind === 'put') {
      const { key, json, expiresAtMs } = write
      changes.push({ kind: 'put', row: { key, json, version: version + 1, revision, expiresAtMs } })
      versions.set(key, version + 1)
    } else if (version > 0) {
      changes.push({ kind: 'delete', key: write.key, revision })
      versions.set(write.key, 0)
    }
  }
  return { kind: 'apply', changes }
}
