import type { Users } from '../../config/users.ts'
import type { Log } from '../../protocol/log.ts'
import { PEOPLE_MAX_CHARS, type People } from '../../protocol/people.ts'
import { readUserFiles, watchFiles } from './io/watch.ts'
import { parsePeople } from './parse.ts'

/** The server's ordinary users, as they are now. */
export type UserBook = { people(): People; close(): Promise<void> }

/**
 * Reads the users, and again whenever their files change; `onChange` is called after each time that made a
 * difference. Never rejects: what cannot be read is logged, and the nodes keep the users they know.
 */
export async function openUsers(
  { passwd, group, ...bounds }: Users,
  { log, onChange }: { readonly log: Log; readonly onChange: (people: People) => void },
): Promise<UserBook> {
  let people: People = { users: [], groups: [] }

  /** Whether anything is different now. */
  async function read(): Promise<boolean> {
    try {
      const found = parsePeople(...(await readUserFiles(passwd, group)), bounds)
      for (const problem of found.problems) log.warn({ problem }, 'a user or group is not told to the nodes')
      const text = JSON.stringify(found.people)
      if (text.length > PEOPLE_MAX_CHARS)
        throw new Error(`${text.length} characters are more than nodes take`)
      const isNew = text !== JSON.stringify(people)
      people = found.people
      return isNew
    } catch (error) {
      log.error({ error: String(error), passwd, group }, 'the users cannot be read')
      return false
    }
  }

  await read()
  let reading = Promise.resolve()
  const watcher = watchFiles(
    [passwd, group],
    () => {
      reading = reading.then(async () => {
        if (await read()) onChange(people)
      })
    },
    error => log.warn({ error: String(error) }, 'changes of the users are not seen until a restart'),
  )
  return {
    people: () => people,
    close: async () => {
      watcher.close()
      await reading
    },
  }
}
