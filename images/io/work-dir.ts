import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { asRootArgv } from '../namespace.ts'

const PREFIX = '.build-'

/**
 * Makes the folder of this build inside `parent` and removes those that dead builds left there. It lies beside
 * the images, so that moving the result into place is one rename.
 */
export async function makeWorkDir(parent: string, isRoot: boolean): Promise<string> {
  await mkdir(parent, { recursive: true })
  await removeLeftovers(parent, PREFIX, isRoot)
  const path = join(parent, `${PREFIX}${process.pid}`)
  await mkdir(join(path, 'out'), { recursive: true })
  return path
}

/** Removes every entry `PREFIX…PID` of `parent` whose process is gone. */
export async function removeLeftovers(parent: string, prefix: string, isRoot: boolean): Promise<void> {
  const names = (await readdir(parent).catch(() => [])).filter(name => name.startsWith(prefix))
  for (const name of names) {
    const pid = Number(name.match(/\d+$/)?.[0])
    if (pid === process.pid || !isAlive(pid)) await removeTree(join(parent, name), isRoot)
  }
}

/** Removes a folder or file, also one whose files belong to the ids of a user namespace. */
export async function removeTree(path: string, isRoot: boolean): Promise<void> {
  const [command, ...helper] = asRootArgv(isRoot)
  const parameters = [...helper, '--', 'rm', '-rf', '--one-file-system', '--', path]
  await execa(command, parameters, { reject: false, stdio: 'ignore' })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
