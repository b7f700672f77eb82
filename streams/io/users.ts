import { readFileSync, statSync, unwatchFile, watchFile } from 'node:fs'
import { readUsers, type UserDatabase } from '../user-database.ts'

/** How often the files are looked at: a new user's first command a moment later finds the door. */
const LOOK_MS = 2000

/** The users of this machine now: its own, and on a node those of the server (nss-extrausers). */
export function readUserDatabase(): UserDatabase {
  return readUsers(PASSWD.map(readText).join('\n'), GROUP.map(readText).join('\n'))
}

/** The same, read again only when one of the files is another one than before: for who asks at each start. */
export function userDatabaseReader(): () => UserDatabase {
  let seen = ''
  let users: UserDatabase = new Map()
  return () => {
    const now = FILES.map(stampOf).join(' ')
    if (now !== seen) users = readUserDatabase()
    seen = now
    return users
  }
}

/** Tells the users now, and again when one of the files has changed, until the returned function is called. */
export function watchUserDatabase(onUsers: (users: UserDatabase) => void): () => void {
  const look = (): void => onUsers(readUserDatabase())
  look()
  for (const path of FILES) watchFile(path, { interval: LOOK_MS, persistent: false }, look)
  return () => {
    for (const path of FILES) unwatchFile(path, look)
  }
}

const PASSWD = ['/etc/passwd', '/var/lib/extrausers/passwd']
const GROUP = ['/etc/group', '/var/lib/extrausers/group']
const FILES = [...PASSWD, ...GROUP]

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true })
  return stats === undefined ? '-' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`
}
