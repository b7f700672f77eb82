import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { userFiles } from '../../../agent/users/files.ts'
import { People, type Person } from '../../../protocol/people.ts'
import { parsePeople } from '../../../server/users/parse.ts'

const BOUNDS = { first: 1000, last: 59_999 }
const PASSWD = `root:x:0:0:root:/root:/bin/bash
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
alice:$6$secret:1000:1000:Alice A,,,:/home/alice:/bin/bash
bob:x:1001:100:Bob:/home/bob:/bin/sh
carol:x:1002:1002::/home/carol:
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
+::::::
broken line
`
const GROUP = `root:x:0:
docker:x:998:alice
alice:x:1000:
carol:!:1002:
people:x:1500:alice,carol,mallory,bob
nogroup:x:65534:
`

describe('parsePeople', () => {
  const { people, problems } = parsePeople(PASSWD, GROUP, BOUNDS)

  it('takes people only: no system account, none whose main group is one, no secret', () => {
    expect(people.users.map(({ name }) => name)).toEqual(['alice', 'carol'])
    expect(JSON.stringify(people)).not.toContain('secret')
    expect(problems).toEqual([])
  })

  it('takes their groups, with the members that are told, and none of the system', () => {
    expect(people.groups).toEqual([
      { name: 'alice', gid: 1000, members: [] },
      { name: 'carol', gid: 1002, members: [] },
      { name: 'people', gid: 1500, members: ['alice', 'carol'] },
    ])
  })

  it('says which entry in bounds it cannot tell', () => {
    const odd = 'dave smith:x:1003:1003::/home/dave:/bin/sh\nerin:x:1004:1004::relative:/bin/sh\n'
    const parsed = parsePeople(odd, '', BOUNDS)
    expect(parsed.people.users).toEqual([])
    expect(parsed.problems).toEqual([
      expect.stringMatching(/^dave smith: not a name/),
      expect.stringMatching(/^erin: /),
    ])
  })
})

const name = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,15}$/)
const text = fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map(any => any.replaceAll(':', ''))
const id = fc.integer({ min: 1000, max: 59_999 })
const person: fc.Arbitrary<Person> = fc.record({
  name,
  uid: id,
  gid: id,
  comment: text,
  home: text.map(rest => `/${rest}`),
  shell: text,
})
const people = fc.record({
  users: fc.uniqueArray(person, { selector: one => one.name, maxLength: 8 }),
  groups: fc.array(fc.record({ name, gid: id, members: fc.constant<string[]>([]) }), { maxLength: 8 }),
})

it('what a node writes is what the server read', () => {
  fc.assert(
    fc.property(people, told => {
      const { passwd, group } = userFiles(told)
      expect(parsePeople(passwd, group, BOUNDS).people).toEqual(told)
    }),
  )
})

it('never lets a number below 500 or an extra line through, whatever a server says', () => {
  for (const hostile of [
    { name: 'root', uid: 0 },
    { name: 'daemon', uid: 499 },
    { name: 'eve\nroot:x:0:0', uid: 1000 },
  ]) {
    const one = { gid: 1000, comment: '', home: '/', shell: '', ...hostile }
    expect(People.safeParse({ users: [one], groups: [] }).success).toBe(false)
  }
  const comment = 'x\nroot:x:0:0::/:/bin/sh'
  const one = { name: 'eve', uid: 1000, gid: 1000, comment, home: '/', shell: '' }
  expect(People.safeParse({ users: [one], groups: [] }).success).toBe(false)
})
