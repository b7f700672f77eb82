import { describe, expect, test } from 'vitest'
import { checkAtDoor, checkOnNode, peopleOf, readUsers } from '../../streams/user-database.ts'

const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1::/:/usr/sbin/nologin
nobody:x:65534:65534::/:/usr/sbin/nologin
# a comment
broken line
ada:x:1000:1000:Ada,,,:/home/ada:/bin/bash
bob:x:1001:100::/home/bob:/bin/sh
`
const GROUP = `root:x:0:
sudo:x:27:ada
users:x:100:
build:x:2000:ada,bob
`
const users = readUsers(PASSWD, GROUP)
const ada = { uid: 1000, gid: 1000, groups: [1000, 27, 2000] }

describe('the user database', () => {
  test('has every user with all their groups', () => {
    expect(users.get(1000)).toEqual({ name: 'ada', ...ada })
    expect(users.get(1001)?.groups).toEqual([100, 2000])
    expect(users.size).toBe(5)
  })

  test('opens doors for root and people', () => {
    expect(peopleOf(users)).toEqual([0, 1000, 1001])
  })
})

describe('a claim at a door', () => {
  test.each([
    ['root, anything', { uid: 1000, gid: 0, groups: [0] }, 0],
    ['oneself', ada, 1000],
    ['oneself in a group of one’s own (newgrp)', { uid: 1000, gid: 2000, groups: [2000] }, 1000],
  ])('fits: %s', (_, claim, doorUid) => {
    expect(checkAtDoor(claim, doorUid, users).kind).toBe('fits')
  })

  test.each([
    ['somebody else', { ...ada, uid: 0 }, 1000, 'user 1000 asked to be user 0'],
    ['a foreign first group', { ...ada, gid: 0 }, 1000, 'user 1000 is not in group 0'],
    ['a foreign further group', { ...ada, groups: [1000, 4] }, 1000, 'user 1000 is not in group 4'],
    ['somebody who is no more', { ...ada, uid: 1002 }, 1002, 'no user 1002 here'],
  ])('does not fit: %s', (_, claim, doorUid, reason) => {
    expect(checkAtDoor(claim, doorUid, users)).toEqual({ kind: 'refused', reason })
  })
})

describe('a claim on a node', () => {
  test('of root is taken as it is', () => {
    expect(checkOnNode({ uid: 0, gid: 4, groups: [27] }, users)).toEqual({ kind: 'fits', groups: undefined })
  })

  test('of a user it knows keeps the groups that are theirs here', () => {
    expect(checkOnNode(ada, users)).toEqual({ kind: 'fits', groups: ada.groups })
    expect(checkOnNode({ ...ada, groups: [0, 4, 2000] }, users)).toEqual({ kind: 'fits', groups: [2000] })
    expect(checkOnNode({ ...ada, gid: 0 }, users).kind).toBe('refused')
  })

  test('of a user it does not know has no group of the system', () => {
    const claim = { uid: 4242, gid: 4343, groups: [4444, 27, 0] }
    expect(checkOnNode(claim, users)).toEqual({ kind: 'fits', groups: [4444] })
    expect(checkOnNode({ ...claim, gid: 27 }, users)).toEqual({
      kind: 'refused',
      reason: 'user 4242 is not known here, and asks for group 27',
    })
  })
})
