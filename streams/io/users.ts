import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { readUsers, type UserDatabase } from '../user-database.ts'

/** How often the files are looked at: a new user's first command a moment later finds the door. */
const LOOK_MS = 2000

/** The users of this machine now. Throws when /etc/passwd cannot be read. */
export function readUserDatabase(): UserDatabase {
  return readUsers(readFileSync('/etc/passwd', 'utf8'), readText('/etc/group'))
}

/** Tells the users now, and again when one of the two files has changed, until the returned function is called. */
export function watchUserDatabase(onUsers: (users: UserDatabase) => void): () => void {
  const look = (): void => onUsers(readUserDatabase())
  look()
  for (const path of FILES) watchFile(path, { interval: LOOK_MS, persistent: false }, look)
  return () => {
    for (const path of FILES) unwatchFile(path, look)
  }
}

const FILES = ['/etc/passwd', '/etc/group']

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
