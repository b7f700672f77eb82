import * as z from 'zod'
import { GodwitError } from '../../protocol/errors.ts'
import type { Store, StoreEntry, StoreOutcome, StoreWrite } from './store.ts'

/** The version a write expects: a number (0: must not exist) or `any` for a write that wins whatever is there. */
type ExpectedVersion = number | 'any'

/** A record that fits its schema. `id` is the key without the prefix of its collection. */
type Found<T> = {
  readonly kind: 'found'
  readonly id: string
  readonly value: T
  readonly version: number
  readonly revision: number
}

/** A record that no longer fits: written by another version, or by hand. It stays where it is. */
type Broken = { readonly kind: 'broken'; readonly key: string; readonly problem: string }

/** The records of one prefix, all of one schema; `T` is what the schema puts out. */
export type Collection<T> = {
  get(id: string): Promise<Found<T> | Broken | undefined>
  /** All records, ordered by id; those that do not fit are told apart, they never spoil the list. */
  list(): Promise<{ readonly found: readonly Found<T>[]; readonly broken: readonly Broken[] }>
  put(id: string, value: T, expected: ExpectedVersion, expiresAtMs?: number): Promise<StoreOutcome>
  delete(id: string, expected: ExpectedVersion): Promise<StoreOutcome>
  /** The key of `id`, for conditions of transactions over several collections. */
  key(id: string): string
  /** The write `put` would do, for such transactions. Throws GW_STORE when `value` does not fit the schema. */
  putting(id: string, value: T, expiresAtMs?: number): StoreWrite
  /**
   * The same for a value that was made, of one that fits and of what a schema has let in, by code that the compiler has
   * checked: it is not looked at again. A run is written three times, and to look at each cost as much as to write it.
   */
  rewriting(id: string, value: T, expiresAtMs?: number): StoreWrite
  /** Reads an entry of this collection, e.g. from a watch. */
  read(entry: StoreEntry): Found<T> | Broken
}

/**
 * Binds a schema to the keys under `prefix` (which ends in `/`). A value must pass the schema both ways: what is
 * written is checked, so that what is read back later fits unless the schema changed.
 */
export function collection<T>(store: Store, prefix: string, schema: z.ZodType<T>): Collection<T> {
  const key = (id: string): string => prefix + id
  /** Values that were found to fit: what is written again as it was is not looked at again. */
  const fitting = new WeakSet<object>()
  const conditions = (id: string, expected: ExpectedVersion) =>
    expected === 'any' ? [] : [{ key: key(id), version: expected }]

  function read(entry: StoreEntry): Found<T> | Broken {
    const parsed = schema.safeParse(entry.value)
    if (!parsed.success) return { kind: 'broken', key: entry.key, problem: z.prettifyError(parsed.error) }
    const { version, revision } = entry
    return { kind: 'found', id: entry.key.slice(prefix.length), value: parsed.data, version, revision }
  }

  function putting(id: string, value: T, expiresAtMs?: number): StoreWrite {
    const isObject = typeof value === 'object' && value !== null
    if (!isObject || !fitting.has(value)) {
      check(id, value)
      if (isObject) fitting.add(value)
    }
    return rewriting(id, value, expiresAtMs)
  }

  function rewriting(id: string, value: T, expiresAtMs?: number): StoreWrite {
    return { kind: 'put', key: key(id), value, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) }
  }

  function check(id: string, value: T): void {
    const { error } = schema.safeParse(value)
    if (error === undefined) return
    const problem = z.prettifyError(error)
    throw new GodwitError('GW_STORE', `${key(id)} does not fit its schema: ${problem}`, { cause: error })
  }

  return {
    key,
    read,
    putting,
    rewriting,
    async get(id) {
      const entry = await store.get(key(id))
      return entry === undefined ? undefined : read(entry)
    },
    async list() {
      const all = (await store.list(prefix)).map(read)
      return {
        found: all.filter(record => record.kind === 'found'),
        broken: all.filter(record => record.kind === 'broken'),
      }
    },
    async put(id, value, expected, expiresAtMs) {
      return store.transact(conditions(id, expected), [putting(id, value, expiresAtMs)])
    },
    delete: (id, expected) => store.transact(conditions(id, expected), [{ kind: 'delete', key: key(id) }]),
  }
}
