import { ChangeLog } from './change-log.ts'
import type { Row, RowChange, StoreEngine } from './engine.ts'
import type { DataSync } from './io/data-sync.ts'
import { inTransaction, type SqliteDatabase } from './sqlite-driver.ts'

const COLUMNS = 'key, json, version, revision, expires_at_ms AS expiresAtMs'

/** Every statement of the store, prepared once. */
function prepareAll(database: SqliteDatabase) {
  return {
    head: database.prepare<{ revision: number }>('SELECT revision FROM head'),
    setHead: database.prepare('UPDATE head SET revision = ?'),
    versionOf: database.prepare<{ version: number }>('SELECT version FROM entry WHERE key = ?'),
    get: database.prepare<Row>(`SELECT ${COLUMNS} FROM entry WHERE key = ?`),
    all: database.prepare<Row>(`SELECT ${COLUMNS} FROM entry ORDER BY key`),
    range: database.prepare<Row>(`SELECT ${COLUMNS} FROM entry WHERE key >= ? AND key < ? ORDER BY key`),
    expired: database.prepare<Row>(
      `SELECT ${COLUMNS} FROM entry WHERE expires_at_ms <= ? ORDER BY expires_at_ms, key`,
    ),
    nextExpiry: database.prepare<{ at: number | null }>(
      'SELECT min(expires_at_ms) AS at FROM entry WHERE expires_at_ms IS NOT NULL',
    ),
    put: database.prepare(
      `INSERT INTO entry (key, json, version, revision, expires_at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET json = excluded.json, version = excluded.version,
         revision = excluded.revision, expires_at_ms = excluded.expires_at_ms`,
    ),
    remove: database.prepare('DELETE FROM entry WHERE key = ?'),
  }
}

/** The first key after all that start with `prefix`: `0` follows `/`, which prefixes end in. */
function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}

/**
 * Leaves one plain file behind and lets go of it. Needed because the driver (1.2.1) does not finalize statements when
 * it closes: SQLite then keeps the connection, its WAL and its lock until the garbage collector comes by, and a store
 * opened again meanwhile would find itself locked out.
 */
const LET_GO = 'PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_schema'

/**
 * Rows in the tables of `sqlite-schema.ts`. Each `atomically` is one transaction; `wal` syncs the file it was written
 * to. The last revision is kept in memory, for this connection is the only one (EXCLUSIVE), and written once for all
 * changes of a transaction; so is the log of changes, which on disk would double all that is written.
 */
export function sqliteEngine(database: SqliteDatabase, keptRevisions: number, wal: DataSync): StoreEngine {
  const sql = prepareAll(database)
  const log = new ChangeLog(keptRevisions, sql.head.get()?.revision ?? 0)

  /** Runs `work`, then writes the revision where `work` changed something. */
  function withHead<T>(work: () => T): T {
    const before = log.revision
    const result = work()
    if (log.revision !== before) sql.setHead.run(log.revision)
    return result
  }

  function applyOne(change: RowChange): void {
    if (change.kind === 'delete') {
      sql.remove.run(change.key)
      return
    }
    const { key, json, version, revision, expiresAtMs } = change.row
    sql.put.run(key, json, version, revision, expiresAtMs)
  }

  return {
    revision: () => log.revision,
    compactedRevision: () => log.compactedRevision,
    get: key => sql.get.get(key),
    versionOf: key => sql.versionOf.get(key)?.version ?? 0,
    list: prefix => (prefix === '' ? sql.all.all() : sql.range.all(prefix, endOf(prefix))),
    expired: nowMs => sql.expired.all(nowMs),
    nextExpiryMs: () => sql.nextExpiry.get()?.at ?? undefined,
    changesAfter: revision => log.after(revision),
    apply(changes, revision) {
      for (const change of changes) applyOne(change)
      log.add(changes, revision)
    },
    atomically(work) {
      const before = log.revision
      try {
        return inTransaction(database, () => withHead(work))
      } catch (error) {
        log.takeBack(before)
        throw error
      }
    },
    sync: wal.sync,
    close() {
      try {
        wal.close()
        database.exec(LET_GO)
      } finally {
        database.close()
      }
    },
  }
}
