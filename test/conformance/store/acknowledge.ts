/**
 * A program for the crash test: writes one record after the other into the SQLite store named by its argument, two
 * keys at a time, and prints each revision once the store has acknowledged it, until somebody kills it.
 */
import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../../server/store/sqlite.ts'

const store = openSqliteStore({ path: process.argv[2] ?? '', now: Date.now })
for (;;) {
  const batch = Array.from({ length: 3 }, async (_, index) => {
    const id = `${process.pid}-${Math.trunc(performance.now() * 1000)}-${index}`
    const outcome = await store.transact(
      [],
      [
        { kind: 'put', key: `ip/${id}`, value: id },
        { kind: 'put', key: `mac/${id}`, value: id },
      ],
    )
    if (outcome.kind === 'committed') writeSync(1, `${outcome.revision} ${id}\n`)
  })
  await Promise.all(batch)
}
