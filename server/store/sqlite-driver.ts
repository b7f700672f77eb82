import { DatabaseSync } from '@photostructure/sqlite'

/** What a column of our STRICT tables may hold. */
type SqliteValue = string | number | null

/** A prepared statement whose rows are `R`, by the column names its SQL gives. */
type SqliteStatement<R> = {
  run(...values: readonly SqliteValue[]): void
  get(...values: readonly SqliteValue[]): R | undefined
  all(...values: readonly SqliteValue[]): readonly R[]
}

/** The little of a SQLite driver we use. */
export type SqliteDatabase = {
  exec(sql: string): void
  prepare<R = Record<string, SqliteValue>>(sql: string): SqliteStatement<R>
  inTransaction(): boolean
  close(): void
}

/**
 * Opens the database file at `path`, creating an empty one. The only file that knows the driver: its API is that of
 * `node:sqlite`, which replaces it here once Node 22 is the oldest we run on. Throws what the driver throws.
 */
export function openSqliteDatabase(path: string): SqliteDatabase {
  const database = new DatabaseSync(path)
  return {
    exec: sql => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        run: (...values) => void statement.run(...values),
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
      }
    },
    inTransaction: () => database.isTransaction,
    close: () => database.close(),
  }
}

/** Runs `work` in one transaction, committed durably before this returns; rolled back when it throws. */
export function inTransaction<T>(database: SqliteDatabase, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // SQLite rolls back by itself on some failures (full disk, I/O): then there is nothing left to undo.
    if (database.inTransaction()) database.exec('ROLLBACK')
    throw error
  }
}
