import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../../protocol/log.ts'
import type { People } from '../../../protocol/people.ts'
import { userFiles } from '../files.ts'

/** Where Debian's libnss-extrausers looks. */
export const EXTRA_USERS_DIR = '/var/lib/extrausers'

/**
 * Makes the server's people known on this node, each file by rename: whoever looks sees the old or the new one. At
 * once, before the next message: a process of one of them may be on its way. Never throws: without names, numbers
 * still do.
 */
export function writeUsers(people: People, dir: string, log: Log): void {
  if (!existsSync(dir)) {
    log.warn({ dir }, "no libnss-extrausers here: the server's users have no names")
    return
  }
  try {
    // Groups first: a user whose group has no name yet is the rarer surprise.
    const { group, passwd } = userFiles(people)
    for (const [name, text] of [
      ['group', group],
      ['passwd', passwd],
    ] as const) {
      const path = join(dir, name)
      writeFileSync(`${path}.new`, text, { mode: 0o644 })
      renameSync(`${path}.new`, path)
    }
    log.info({ users: people.users.length, groups: people.groups.length }, "the server's users are known")
  } catch (error) {
    log.error({ error: error as Error, dir }, "the server's users could not be written down")
  }
}
