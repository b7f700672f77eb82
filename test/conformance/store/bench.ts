import type { Store, StoreChange, StoreWrite } from '../../../server/store/store.ts'
import type { ManualClock } from '../../fakes/manual-clock.ts'

/** How the suite makes the store under test: empty, on this clock, with a log of so many revisions. */
export type MakeStore = (clock: ManualClock, keptRevisions?: number) => Store

/** What each part of the suite works with; stores opened here are closed after each test. */
export type StoreBench = { readonly clock: ManualClock; open(keptRevisions?: number): Store }

/** A put whose value is the key unless given. */
export function put(key: string, value: unknown = key, expiresAtMs?: number): StoreWrite {
  return { kind: 'put', key, value, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) }
}

/** A delete. */
export function del(key: string): StoreWrite {
  return { kind: 'delete', key }
}

/** For `vi.waitFor`: a store on a disk tells its watchers once it has synced, and a busy machine takes its time. */
export const PATIENCE = { timeout: 10_000, interval: 5 } as const

/** Waits until the store has committed what was asked and told its watchers. */
export function settle(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** Starts a watch and returns what it hears, one line per change. */
export function observe(store: Store, prefix: string, fromRevision: number) {
  const seen: string[] = []
  const stop = new AbortController()
  store.watch(prefix, fromRevision, change => seen.push(describeChange(change)), stop.signal)
  return { seen, stop }
}

/** The change as one line: `key=value v1 r2`, `-key r2`, `reset r2`. */
export function describeChange(change: StoreChange): string {
  if (change.kind === 'reset') return `reset r${change.revision}`
  if (change.kind === 'delete') return `-${change.key} r${change.revision}`
  const { key, value, version, revision } = change.entry
  return `${key}=${JSON.stringify(value)} v${version} r${revision}`
}
