/** One record as an engine keeps it: `json` is the value's text, `expiresAtMs` is `null` for a key that stays. */
export type Row = {
  readonly key: string
  readonly json: string
  readonly version: number
  readonly revision: number
  readonly expiresAtMs: number | null
}

/** One change as an engine applies and logs it. */
export type RowChange =
  | { readonly kind: 'put'; readonly row: Row }
  | { readonly kind: 'delete'; readonly key: string; readonly revision: number }

/**
 * Where an embedded store keeps its rows: the medium and nothing else. Conditions, expiry, watches and group commit
 * are the same over every engine, see `storeOver`. Synchronous, because SQLite is; a networked store (etcd) does not
 * implement this but `Store` itself. Any method may throw what its medium throws.
 */
export type StoreEngine = {
  /** The last revision given out; 0 in a new store. */
  revision(): number
  /** Changes up to and with this revision are no longer in the log. */
  compactedRevision(): number
  get(key: string): Row | undefined
  /** The version of `key`, 0 where there is none; what conditions are held against. */
  versionOf(key: string): number
  /** Rows whose key starts with `prefix`, ordered by key, expired ones included. */
  list(prefix: string): readonly Row[]
  /** Rows due at or before `nowMs`, first due first. */
  expired(nowMs: number): readonly Row[]
  /** When the next row is due; `undefined` when none is. */
  nextExpiryMs(): number | undefined
  /** The logged changes after `revision`, in order. */
  changesAfter(revision: number): readonly RowChange[]
  /** Does and logs the changes of one revision; drops what the log has beyond its bound. */
  apply(changes: readonly RowChange[], revision: number): void
  /**
   * Runs `work` so that all it applied is on the medium when this returns, or none of it when it throws. Where there is
   * `sync`, it has all been written when this returns, and is there to stay only after the next `sync`.
   */
  atomically<T>(work: () => T): T
  /** Brings to the medium what was applied before; once it rejected, nobody knows what is there. */
  readonly sync?: () => Promise<void>
  close(): void
}

/** How many revisions a log keeps for watchers that come back: seconds of the busiest cluster, at most a few MB. */
export const DEFAULT_KEPT_REVISIONS = 1000
