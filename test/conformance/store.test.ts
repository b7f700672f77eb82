import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createMemoryStore } from '../../server/store/memory.ts'
import { openSqliteStore } from '../../server/store/sqlite.ts'
import { describeStore } from './store-suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'godwit-store-'))
let files = 0

afterAll(() => rmSync(folder, { recursive: true }))

describeStore('memory', (clock, keptRevisions = 1000) => createMemoryStore({ ...clock, keptRevisions }))

describeStore('sqlite', (clock, keptRevisions = 1000) => {
  files += 1
  return openSqliteStore({ path: join(folder, `${files}.db`), ...clock, keptRevisions })
})
