/** A value as the store keeps it: JSON, checked by the schema of whoever owns the prefix. */
type StoreValue = unknown

/** One stored record. `version` counts this key's writes from 1; `revision` is the store-wide write it came with. */
export type StoreEntry = {
  readonly key: string
  readonly value: StoreValue
  readonly version: number
  readonly revision: number
}

/** What must hold for a transaction to happen. Version 0 means "the key must not exist". */
export type StoreCondition = { readonly key: string; readonly version: number }

/** One write. `expiresAtMs` (wall clock) removes the key by itself afterwards; omitted means never. */
export type StoreWrite =
  | { readonly kind: 'put'; readonly key: string; readonly value: StoreValue; readonly expiresAtMs?: number }
  | { readonly kind: 'delete'; readonly key: string }

/** The outcome of a transaction: done, or the keys whose version was not the expected one. */
export type StoreOutcome =
  | { readonly kind: 'committed'; readonly revision: number }
  | { readonly kind: 'conflict'; readonly keys: readonly string[] }

/**
 * One change seen by a watcher; an expired key is an ordinary `delete`. `reset` comes only first, when the history
 * after the asked revision is no longer kept (or never was: another store): forget what you know of the prefix; all
 * that is there at `revision` follows as `put`s, then the changes after it.
 */
export type StoreChange =
  | { readonly kind: 'put'; readonly entry: StoreEntry }
  | { readonly kind: 'delete'; readonly key: string; readonly revision: number }
  | { readonly kind: 'reset'; readonly revision: number }

/**
 * How long a transaction may wait to be brought to the disk together with others: not at all, or, where nobody waits
 * for it, a moment (`soon`), so that it does not keep the disk busy when one that is waited for comes.
 */
export type Haste = 'now' | 'soon'

/**
 * A small versioned key-value store (design §4): all writes of one `transact` happen or none, and are on disk
 * when its promise resolves. Shaped so that etcd's transactions, leases and watches can take its place.
 * Keys are paths, `lease/ip/10.77.0.50`; `list` and `watch` take a prefix that ends in `/` or is empty.
 */
export type Store = {
  /**
   * Reads see a transaction from the moment it is decided, which may be a moment before it is on disk. Reads and
   * writes reject with GW_STORE when the medium fails, the store is closed or a key or value is unfit.
   */
  get(key: string): Promise<StoreEntry | undefined>
  /** What lies under `prefix`, ordered by key. */
  list(prefix: string): Promise<readonly StoreEntry[]>
  /**
   * Does all writes in the order given, as one revision, if all conditions hold, else none. A transaction that
   * changes nothing (it deletes what is not there) keeps the revision. A key deleted and made again starts at 1.
   */
  transact(
    conditions: readonly StoreCondition[],
    writes: readonly StoreWrite[],
    haste?: Haste,
  ): Promise<StoreOutcome>
  /**
   * Calls `onChange` for each change after `fromRevision` (0: only new ones), in order, until the signal aborts.
   * Never calls it from inside `watch` or `transact`; a change is on disk before it is told. An `onChange` that
   * throws loses its watch, and its error is thrown again outside, where it hurts nobody else.
   */
  watch(
    prefix: string,
    fromRevision: number,
    onChange: (change: StoreChange) => void,
    signal: AbortSignal,
  ): void
  /** Finishes the transactions under way, then frees the medium and ends all watches. */
  close(): Promise<void>
}
