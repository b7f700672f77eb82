import type { Users } from '../../config/users.ts'
import { type Group, PEOPLE_MAX, People, type Person } from '../../protocol/people.ts'

/** What nodes are told of two files, and the lines that were left out although their numbers are in bounds. */
export type ParsedPeople = { readonly people: People; readonly problems: readonly string[] }

/**
 * The people in the texts of passwd(5) and group(5) whose numbers lie in the bounds, with the groups they can be in.
 * Passwords are dropped, so are members that are no such people themselves.
 */
export function parsePeople(
  passwd: string,
  group: string,
  bounds: Pick<Users, 'first' | 'last'>,
): ParsedPeople {
  const isOurs = (id: number) => id >= bounds.first && id <= bounds.last
  const problems: string[] = []
  const checked = <T>(kind: 'users' | 'groups', entries: readonly T[]): T[] =>
    entries.slice(0, PEOPLE_MAX).filter(entry => {
      const result = People.shape[kind].safeParse([entry])
      if (!result.success)
        problems.push(`${(entry as { name: string }).name}: ${result.error.issues[0]?.message}`)
      return result.success
    })
  const allUsers = passwd.split('\n').flatMap(userOf)
  const users = checked(
    'users',
    allUsers.filter(({ uid, gid }) => isOurs(uid) && isOurs(gid)),
  )
  const names = new Set(users.map(({ name }) => name))
  const groups = checked(
    'groups',
    group
      .split('\n')
      .flatMap(groupOf)
      .filter(({ gid }) => isOurs(gid))
      .map(one => ({ ...one, members: one.members.filter(member => names.has(member)) })),
  )
  if (users.length === PEOPLE_MAX || groups.length === PEOPLE_MAX)
    problems.push(`only the first ${PEOPLE_MAX} users and groups are told`)
  return { people: { users, groups }, problems }
}

function userOf(line: string): readonly Person[] {
  const [name = '', , uid = '', gid = '', comment = '', home = '', shell, ...more] = line.split(':')
  if (shell === undefined || more.length > 0 || !isNumber(uid) || !isNumber(gid)) return []
  return [{ name, uid: Number(uid), gid: Number(gid), comment: comment.slice(0, 100), home, shell }]
}

function groupOf(line: string): readonly Group[] {
  const [name = '', , gid = '', members, ...more] = line.split(':')
  if (members === undefined || more.length > 0 || !isNumber(gid)) return []
  return [{ name, gid: Number(gid), members: members.split(',').filter(member => member !== '') }]
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text)
}
