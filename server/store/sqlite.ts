import { GodwitError } from '../../protocol/errors.ts'
import { DEFAULT_KEPT_REVISIONS } from './engine.ts'
import { type StoreClock, storeOver } from './engine-store.ts'
import { openDataSync } from './io/data-sync.ts'
import { openSqliteDatabase, type SqliteDatabase } from './sqlite-driver.ts'
import { sqliteEngine } from './sqlite-engine.ts'
import { assertOurs, migrate } from './sqlite-schema.ts'
import type { Store } from './store.ts'

/**
 * Settings of a store on disk. `keptRevisions` bounds the log that watchers may resume from; `busyTimeoutMs` is how
 * long to wait for a server that is just going away to let go of the file.
 */
export type SqliteStoreOptions = StoreClock & {
  readonly path: string
  readonly keptRevisions?: number
  readonly busyTimeoutMs?: number
}

const DEFAULT_BUSY_TIMEOUT_MS = 3000

/**
 * WAL with NORMAL: SQLite syncs what a checkpoint needs; the sync of each commit, with which FULL would hold up the
 * whole server, is left to the committer. No write is acknowledged before it, so that it survives a power cut.
 * EXCLUSIVE: one server owns its state, a second one is refused instead of giving out the same addresses. The cache
 * may take 16 MiB: with the 2 that SQLite has by itself, a busy cluster read the same pages again and again.
 */
const SETTINGS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -16384;
`

/** What the WAL grows to before SQLite begins it anew (1000 pages and the commit that exceeds them). */
const WAL_BYTES = 4.5 * 2 ** 20

function verify(database: SqliteDatabase): void {
  const [first] = database.prepare<{ quick_check: string }>('PRAGMA quick_check(1)').all()
  if (first?.quick_check !== 'ok') throw new Error(first?.quick_check ?? 'no answer to quick_check')
}

function explain(path: string, cause: unknown): GodwitError {
  if (cause instanceof GodwitError) return cause
  const text = cause instanceof Error ? cause.message : String(cause)
  const locked = /locked|busy/i.test(text)
  const message = locked ? `another server has ${path} open` : `${path} cannot be used: ${text}`
  return new GodwitError('GW_STORE', message, { cause })
}

/**
 * Opens the store in the SQLite file at `path`, making it where there is none. Throws GW_STORE, cause kept, for a
 * file that cannot be read, is damaged, is open in another server, belongs to another program or to a newer godwit.
 */
export function openSqliteStore({
  path,
  keptRevisions = DEFAULT_KEPT_REVISIONS,
  busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS,
  ...clock
}: SqliteStoreOptions): Store {
  let database: SqliteDatabase | undefined
  try {
    database = openSqliteDatabase(path)
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    assertOurs(database, path)
    database.exec(SETTINGS)
    verify(database)
    migrate(database)
    // There since the first read in WAL mode, and until the connection goes back to another one.
    return storeOver(sqliteEngine(database, keptRevisions, openDataSync(`${path}-wal`, WAL_BYTES)), clock)
  } catch (cause) {
    database?.close()
    throw explain(path, cause)
  }
}
