import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { People } from '../../../protocol/people.ts'
import { openUsers, type UserBook } from '../../../server/users/service.ts'
import { silentLog } from '../../fakes/silent-log.ts'

let folder = ''
let book: UserBook | undefined
const alice = 'alice:x:1000:1000::/home/alice:/bin/bash\n'
const bob = 'bob:x:1001:1001::/home/bob:/bin/bash\n'
const path = (name: string) => join(folder, name)
const open = (told: People[]) =>
  openUsers(
    { passwd: path('passwd'), group: path('group'), first: 1000, last: 59_999 },
    { log: silentLog, onChange: people => void told.push(people) },
  )

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-users-'))
})
afterEach(async () => {
  await book?.close()
  await rm(folder, { recursive: true })
})

it('knows the users at once, and tells a change made by rename, as useradd makes it', async () => {
  await writeFile(path('passwd'), alice)
  const told: People[] = []
  book = await open(told)
  expect(book.people().users.map(({ name }) => name)).toEqual(['alice'])
  await writeFile(path('passwd+'), alice + bob)
  await rename(path('passwd+'), path('passwd'))
  await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 10_000 })
  expect(told[0]?.users.map(({ name }) => name)).toEqual(['alice', 'bob'])
  expect(book.people()).toEqual(told[0])
})

it('tells nothing when nothing changed for the nodes, and lives without the files', async () => {
  const told: People[] = []
  book = await open(told)
  expect(book.people()).toEqual({ users: [], groups: [] })
  await writeFile(path('passwd'), 'www-data:x:33:33::/var/www:/bin/false\n')
  await writeFile(path('group'), 'staff:x:1000:\n') // this one counts: the sign that both were read
  await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 10_000 })
  expect(told[0]).toEqual({ users: [], groups: [{ name: 'staff', gid: 1000, members: [] }] })
})
