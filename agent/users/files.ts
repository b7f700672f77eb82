import type { People } from '../../protocol/people.ts'

/** Files for the NSS module `extrausers`, by name; each in the format of its namesake in /etc. */
export type UserFiles = Readonly<Record<'passwd' | 'group', string>>

/**
 * The server's people as files. They stand beside /etc/passwd, which NSS asks first: no entry here can take the name
 * or number of an account of the image. `*` as password fits none.
 */
export function userFiles({ users, groups }: People): UserFiles {
  const passwd = users.map(({ name, uid, gid, comment, home, shell }) =>
    [name, '*', uid, gid, comment, home, shell].join(':'),
  )
  const group = groups.map(({ name, gid, members }) => [name, '*', gid, members.join(',')].join(':'))
  return { passwd: lines(passwd), group: lines(group) }
}

function lines(entries: readonly string[]): string {
  return entries.map(entry => `${entry}\n`).join('')
}
