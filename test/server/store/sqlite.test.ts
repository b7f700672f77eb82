import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { openSqliteStore } from '../../../server/store/sqlite.ts'
import { openSqliteDatabase } from '../../../server/store/sqlite-driver.ts'
import { del, observe, PATIENCE, put } from '../../conformance/store/bench.ts'
import { createManualClock } from '../../fakes/manual-clock.ts'

/** As the first migration made it, see sqlite-schema.ts. */
const FIRST_SCHEMA = `
  CREATE TABLE entry (
    key TEXT PRIMARY KEY, json TEXT NOT NULL, version INTEGER NOT NULL, revision INTEGER NOT NULL, expires_at_ms REAL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entry_by_expiry ON entry (expires_at_ms, key) WHERE expires_at_ms IS NOT NULL;
  CREATE TABLE change (
    sequence INTEGER PRIMARY KEY, revision INTEGER NOT NULL, key TEXT NOT NULL, json TEXT, version INTEGER,
    expires_at_ms REAL
  ) STRICT;
  CREATE INDEX change_by_revision ON change (revision);
  CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL, compacted_revision INTEGER NOT NULL
  ) STRICT;
  INSERT INTO head VALUES (1, 0, 0);
  PRAGMA application_id = ${0x67647774};
  PRAGMA user_version = 1;`
const folder = mkdtempSync(join(tmpdir(), 'godwit-sqlite-'))
const clock = createManualClock()
let files = 0
const newPath = (): string => {
  files += 1
  return join(folder, `${files}.db`)
}
const open = (path: string, keptRevisions = 1000) => openSqliteStore({ path, ...clock, keptRevisions })

afterAll(() => rmSync(folder, { recursive: true }))

describe('a store that was closed and opened again', () => {
  it('has everything: entries, versions, expiries and the revision; who watched begins anew', async () => {
    const path = newPath()
    const first = open(path)
    await first.transact([], [put('a', 1), put('b', 1, clock.now() + 100)])
    await first.transact([], [put('a', 2)])
    await first.transact([], [put('c', 1)])
    await first.transact([], [del('c')])
    await first.close()

    const second = open(path)
    expect(await second.list('')).toEqual([
      { key: 'a', value: 2, version: 2, revision: 2 },
      { key: 'b', value: 1, version: 1, revision: 1 },
    ])
    const { seen } = observe(second, '', 2)
    clock.advance(101)
    await vi.waitFor(() => expect(seen).toEqual(['reset r4', 'a=2 v2 r2', 'b=1 v1 r1', '-b r5']), PATIENCE)
    expect(await second.transact([], [put('d')])).toEqual({ kind: 'committed', revision: 6 })
    await second.close()
  })

  it('never gives a revision again, not even of a deleted key in a compacted log', async () => {
    const path = newPath()
    const first = open(path, 1)
    await first.transact([], [put('a')])
    await first.transact([], [del('a')])
    await first.close()
    const second = open(path, 1)
    expect(await second.transact([], [put('a')])).toEqual({ kind: 'committed', revision: 3 })
    await second.close()
  })
})

it('brings the tables of the first godwit to those of today, and loses nothing', async () => {
  const path = newPath()
  const database = openSqliteDatabase(path)
  database.exec(`${FIRST_SCHEMA}
    INSERT INTO entry VALUES ('a', '1', 2, 3, NULL), ('b', '"x"', 1, 2, ${clock.now() + 50});
    INSERT INTO change VALUES (NULL, 3, 'a', '1', 2, NULL);
    UPDATE head SET revision = 4`)
  database.close()
  const store = open(path)
  expect(await store.list('')).toEqual([
    { key: 'a', value: 1, version: 2, revision: 3 },
    { key: 'b', value: 'x', version: 1, revision: 2 },
  ])
  expect(await store.transact([{ key: 'a', version: 2 }], [put('a', 2)])).toEqual({
    kind: 'committed',
    revision: 5,
  })
  clock.advance(51)
  expect(await store.get('b')).toBeUndefined()
  await store.close()
})

describe('kill -9 while writing', () => {
  const program = fileURLToPath(new URL('../../conformance/store/acknowledge.ts', import.meta.url))

  /** Runs the writer until it has acknowledged `count` transactions, kills it and returns what it told. */
  async function writeUntilKilled(path: string, count: number): Promise<string[]> {
    const child = spawn(process.execPath, ['--import', 'tsx', program, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const acknowledged: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line)
      if (acknowledged.length === count) child.kill('SIGKILL')
    }
    if (child.signalCode === null) await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')
    return acknowledged
  }

  it('loses nothing that was acknowledged and leaves no half transaction', async () => {
    const path = newPath()
    const told: string[] = []
    for (const count of [1, 100, 350]) {
      told.push(...(await writeUntilKilled(path, count)))
      const store = open(path)
      const addresses = await store.list('ip/')
      const machines = await store.list('mac/')
      await store.close()
      const written = new Set(addresses.map(({ revision, value }) => `${revision} ${value}`))
      expect(told.filter(line => !written.has(line))).toEqual([])
      expect(machines.map(({ value }) => value)).toEqual(addresses.map(({ value }) => value))
      expect(new Set(addresses.map(({ revision }) => revision)).size).toBe(addresses.length)
    }
  })
})

describe('a file that cannot serve', () => {
  const openBad = (path: string): unknown => {
    try {
      open(path)
    } catch (error) {
      return error
    }
    return undefined
  }

  it('is refused when it is no database', () => {
    const path = newPath()
    writeFileSync(path, 'x'.repeat(8192))
    expect(openBad(path)).toMatchObject({ code: 'GW_STORE', cause: expect.any(Error) })
    expect(readFileSync(path, 'utf8')).toBe('x'.repeat(8192))
  })

  it('is refused when a page of it is damaged', async () => {
    const path = newPath()
    const store = open(path)
    await store.transact(
      [],
      Array.from({ length: 500 }, (_, index) => put(`key/${index}`, 'x'.repeat(100))),
    )
    await store.close()
    const bytes = readFileSync(path)
    bytes.fill(0xff, 4096 * 5, 4096 * 9)
    writeFileSync(path, bytes)
    expect(openBad(path)).toMatchObject({ code: 'GW_STORE', cause: expect.any(Error) })
  })

  it('is refused when it is a folder, or in one that is not there', () => {
    const path = newPath()
    mkdirSync(path)
    expect(openBad(path)).toMatchObject({ code: 'GW_STORE', cause: expect.any(Error) })
    expect(openBad(join(folder, 'nowhere', 'state.db'))).toMatchObject({ code: 'GW_STORE' })
  })

  it('is refused, and left alone, when a newer godwit wrote it', async () => {
    const path = newPath()
    await open(path).close()
    const database = openSqliteDatabase(path)
    database.exec('PRAGMA user_version = 99')
    database.close()
    expect(openBad(path)).toMatchObject({
      code: 'GW_STORE',
      message: expect.stringContaining('newer godwit'),
    })
  })

  it('is refused, and left alone, when another program made it', () => {
    const path = newPath()
    const database = openSqliteDatabase(path)
    database.exec('CREATE TABLE bookmarks (url TEXT)')
    database.close()
    const before = readFileSync(path)
    expect(openBad(path)).toMatchObject({ message: expect.stringContaining('another program') })
    expect(readFileSync(path)).toEqual(before)
  })

  it('is refused when another server has it open', async () => {
    const path = newPath()
    const store = open(path)
    await store.transact([], [put('a')])
    const second = (): unknown => openSqliteStore({ path, ...clock, busyTimeoutMs: 0 })
    expect(second).toThrow(/another server/)
    expect(await store.get('a')).toMatchObject({ version: 1 })
    await store.close()
  })
})
