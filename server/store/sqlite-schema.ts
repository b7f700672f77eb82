import { GodwitError } from '../../protocol/errors.ts'
import { inTransaction, type SqliteDatabase } from './sqlite-driver.ts'

/** `gdwt`, in the header of every database of ours, so that nobody else's file is mistaken for one. */
const APPLICATION_ID = 0x67647774

/**
 * The steps from an empty file to today's schema; `PRAGMA user_version` says how many are done. A released step is
 * never changed, new ones are appended.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE entry (
     key TEXT PRIMARY KEY,
     json TEXT NOT NULL,
     version INTEGER NOT NULL,
     revision INTEGER NOT NULL,
     expires_at_ms REAL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX entry_by_expiry ON entry (expires_at_ms, key) WHERE expires_at_ms IS NOT NULL;
   CREATE TABLE change (
     sequence INTEGER PRIMARY KEY,
     revision INTEGER NOT NULL,
     key TEXT NOT NULL,
     json TEXT,
     version INTEGER,
     expires_at_ms REAL
   ) STRICT;
   CREATE INDEX change_by_revision ON change (revision);
   CREATE TABLE head (
     one INTEGER PRIMARY KEY CHECK (one = 1),
     revision INTEGER NOT NULL,
     compacted_revision INTEGER NOT NULL
   ) STRICT;
   INSERT INTO head VALUES (1, 0, 0);`,
  // The log of changes is kept in memory since. Rows lie in the order they came in, not by key: what changes together
  // lies together, where ids drawn by lot had each row on a page of its own, to be written whole.
  `DROP TABLE change;
   ALTER TABLE head DROP COLUMN compacted_revision;
   DROP INDEX entry_by_expiry;
   ALTER TABLE entry RENAME TO entry_by_key;
   CREATE TABLE entry (
     sequence INTEGER PRIMARY KEY,
     key TEXT NOT NULL UNIQUE,
     json TEXT NOT NULL,
     version INTEGER NOT NULL,
     revision INTEGER NOT NULL,
     expires_at_ms REAL
   ) STRICT;
   INSERT INTO entry (key, json, version, revision, expires_at_ms)
     SELECT key, json, version, revision, expires_at_ms FROM entry_by_key ORDER BY revision, key;
   DROP TABLE entry_by_key;
   CREATE INDEX entry_by_expiry ON entry (expires_at_ms, key) WHERE expires_at_ms IS NOT NULL;`,
]

function pragma(database: SqliteDatabase, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get() ?? {}
  return Number(row[name] ?? 0)
}

function isForeign(database: SqliteDatabase): boolean {
  if (pragma(database, 'application_id') === APPLICATION_ID) return false
  return database.prepare('SELECT name FROM sqlite_schema LIMIT 1').get() !== undefined
}

/**
 * Throws GW_STORE for a database of another program or of a newer godwit. Only reads, and comes before anything that
 * writes: a file named by mistake stays as it was.
 */
export function assertOurs(database: SqliteDatabase, path: string): void {
  if (isForeign(database)) throw new GodwitError('GW_STORE', `${path} belongs to another program`)
  const done = pragma(database, 'user_version')
  if (done <= MIGRATIONS.length) return
  const versions = `has schema ${done}, this godwit knows up to ${MIGRATIONS.length}`
  throw new GodwitError('GW_STORE', `${path} was written by a newer godwit: it ${versions}`)
}

/** Brings a database of ours, or an empty one, to today's schema; each step happens whole or not at all. */
export function migrate(database: SqliteDatabase): void {
  const done = pragma(database, 'user_version')
  MIGRATIONS.slice(done).forEach((sql, index) => {
    inTransaction(database, () => {
      database.exec(sql)
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
      database.exec(`PRAGMA user_version = ${done + index + 1}`)
    })
  })
}
