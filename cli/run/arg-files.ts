import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { isJava, readJvmCommand } from '../../server/placement/demand/jvm-command.ts'
import { unwrap } from '../../server/placement/demand/unwrap.ts'

/** Largest argument file that is sent along; these hold a class path and some options. */
const MAX_FILE_BYTES = 64 << 10
/** Most of them that are. */
const MAX_FILES = 16

/** A command, where it was typed, and the variables by which its runtime is sized. */
export type JavaCommand = {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

/**
 * The `@argfiles` that a `java` command will read, by the path after the `@`: placement sees no files but these. What
 * is missing, too large or no plain file is left out; the launcher will tell of it itself.
 */
export function argFilesOf({ argv, env: given, cwd }: JavaCommand): Readonly<Record<string, string>> {
  const { command, env } = unwrap(argv, given)
  if (!isJava(command)) return {}
  const wanted = readJvmCommand(command, env, new Map()).unreadFiles.slice(0, MAX_FILES)
  return Object.fromEntries(
    wanted.flatMap(path => {
      const text = smallFile(resolve(cwd, path))
      return text === undefined ? [] : [[path, text]]
    }),
  )
}

/** Opened without waiting: a FIFO in its place must not hold up the run, nor be emptied. */
function smallFile(path: string): string | undefined {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(file)
    if (!stat.isFile() || stat.size > MAX_FILE_BYTES) return undefined
    const bytes = Buffer.alloc(stat.size)
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, stat.size, 0))
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
