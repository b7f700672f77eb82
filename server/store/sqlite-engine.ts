import type { Row, RowChange, StoreEngine } from './engine.ts'
import type { DataSync } from './io/data-sync.ts'
import { inTransaction, type SqliteDatabase } from './sqlite-driver.ts'

const COLUMNS = 'key, json, version, revision, expires_at_ms AS expiresAtMs'

type ChangeRow = Omit<Row, 'json' | 'version'> & {
  readonly json: string | null
  readonly version: number | null
}

/** Every statement of the store, prepared once. */
function prepareAll(database: SqliteDatabase) {
  return {
    head: database.prepare<{ revision: number; compacted: number }>(
      'SELECT revision, compacted_revision AS compacted FROM head',
    ),
    setHead: database.prepare('UPDATE head SET revision = ?, compacted_revision = ?'),
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
    put: database.prepare('INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)'),
    remove: database.prepare('DELETE FROM entry WHERE key = ?'),
    log: database.prepare('INSERT INTO change VALUES (NULL, ?, ?, ?, ?, ?)'),
    forget: database.prepare('DELETE FROM change WHERE revision <= ?'),
    changesAfter: database.prepare<ChangeRow>(
      `SELECT ${COLUMNS} FROM change WHERE revision > ? ORDER BY sequence`,
    ),
  }
}

function toRowChange({ key, json, version, revision, expiresAtMs }: ChangeRow): RowChange {
  return json === null || version === null
    ? { kind: 'delete', key, revision }
    : { kind: 'put', row: { key, json, version, revision, expiresAtMs } }
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
 * Rows and log in the tables of `sqlite-schema.ts`. Each `atomically` is one transaction; `wal` syncs the file it was
 * written to. The head is kept in memory, for this connection is the only one (EXCLUSIVE), and written once for all
 * changes of a transaction.
 */
export function sqliteEngine(database: SqliteDatabase, keptRevisions: number, wal: DataSync): StoreEngine {
  const sql = prepareAll(database)
  let head = sql.head.get() ?? { revision: 0, compacted: 0 }

  /** Runs `work`, then writes the head and cuts the log where `work` changed something. */
  function withHead<T>(work: () => T): T {
    const before = head
    const result = work()
    if (head === before) return result
    if (head.compacted > before.compacted) sql.forget.run(head.compacted)
    sql.setHead.run(head.revision, head.compacted)
    return result
  }

  function applyOne(change: RowChange): void {
    if (change.kind === 'delete') {
      sql.remove.run(change.key)
      sql.log.run(change.revision, change.key, null, null, null)
      return
    }
    const { key, json, version, revision, expiresAtMs } = change.row
    sql.put.run(key, json, version, revision, expiresAtMs)
    sql.log.run(revision, key, json, version, expiresAtMs)
  }

  return {
    revision: () => head.revision,
    compactedRevision: () => head.compacted,
    get: key => sql.get.get(key),
    versionOf: key => sql.versionOf.get(key)?.version ?? 0,
    list: prefix => (prefix === '' ? sql.all.all() : sql.range.all(prefix, endOf(prefix))),
    expired: nowMs => sql.expired.all(nowMs),
    nextExpiryMs: () => sql.nextExpiry.get()?.at ?? undefined,
    changesAfter: revision => sql.changesAfter.all(revision).map(toRowChange),
    apply(changes, revision) {
      for (const change of changes) applyOne(change)
      head = { revision, compacted: Math.max(head.compacted, revision - keptRevisions) }
    },
    atomically(work) {
      const before = head
      try {
        return inTransaction(database, () => withHead(work))
      } catch (error) {
        head = before
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
