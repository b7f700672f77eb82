import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeUsers } from '../../../agent/users/io/write.ts'
import { silentLog } from '../../fakes/silent-log.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-extrausers-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const alice = {
  name: 'alice',
  uid: 1000,
  gid: 1000,
  comment: 'Alice',
  home: '/home/alice',
  shell: '/bin/bash',
}
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

it('writes both files whole, and the next time those that are gone are gone', () => {
  const groups = [{ name: 'people', gid: 1500, members: ['alice', 'bob'] }]
  writeUsers({ users: [alice], groups }, folder, silentLog)
  expect(read('passwd')).toBe('alice:*:1000:1000:Alice:/home/alice:/bin/bash\n')
  expect(read('group')).toBe('people:*:1500:alice,bob\n')
  writeUsers({ users: [], groups: [] }, folder, silentLog)
  expect([read('passwd'), read('group')]).toEqual(['', ''])
  expect(readdirSync(folder).sort()).toEqual(['group', 'passwd'])
})

it('makes no folder where the module is not installed', () => {
  const absent = join(folder, 'absent')
  writeUsers({ users: [alice], groups: [] }, absent, silentLog)
  expect(readdirSync(folder)).toEqual([])
})
