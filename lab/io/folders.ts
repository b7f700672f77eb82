import { createHash } from 'node:crypto'
import { chown, lstat, mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { LabFailure } from '../failure.ts'
import { chooseRunDir, type LabPaths, SOCKET_PATH_MAX_BYTES } from '../paths.ts'
import { LAB_USER, labGroup, labPasswd } from '../people.ts'

/** The lab's folder, made if missing, as an absolute path without links, and the id that follows from it. */
export async function makeLabDir(labDir: string): Promise<{ readonly labDir: string; readonly id: string }> {
  await mkdir(labDir, { recursive: true })
  const real = await realpath(resolve(labDir))
  return { labDir: real, id: createHash('sha256').update(real).digest('hex').slice(0, 8) }
}

/** The folder for the lab's sockets; throws LabFailure `path-too-long` when the kernel would take neither. */
export function findRunDir(labDir: string, id: string): string {
  const choice = chooseRunDir(labDir, join(tmpdir(), `godwit-lab-${id}`))
  if (choice.kind === 'fits') return choice.runDir
  throw new LabFailure(
    'path-too-long',
    `The socket path ${choice.path} has ${choice.sizeBytes} bytes, and ${SOCKET_PATH_MAX_BYTES} are allowed`,
    'Set TMPDIR to a shorter folder',
  )
}

/**
 * Makes the folders of a lab and writes its server's configuration; the logs of the lab that was here before
 * move to `logs.previous`. The socket folder is made afresh and for
 * this user alone: in the shared temporary folder somebody else might have made one of that name before.
 */
export async function makeFolders(paths: LabPaths, serverConfig: object): Promise<void> {
  if (await ours(paths.runDir)) await rm(paths.runDir, { recursive: true, force: true })
  await mkdir(paths.runDir, { mode: 0o700 })
  await rm(`${paths.logDir}.previous`, { recursive: true, force: true })
  await rename(paths.logDir, `${paths.logDir}.previous`).catch(() => 'there was no lab here before')
  for (const folder of [paths.stateDir, paths.logDir, paths.machineDir])
    await mkdir(folder, { recursive: true })
  await makePeople(paths)
  await writeFile(paths.serverConfig, stringify(serverConfig))
}

/** The lab's only user and its home. Without root the home stays ours: nobody can serve it then anyway. */
async function makePeople({ homeDir, passwd, group }: LabPaths): Promise<void> {
  const home = join(homeDir, LAB_USER.name)
  await mkdir(home, { recursive: true, mode: 0o755 })
  if (process.getuid?.() === 0) await chown(home, LAB_USER.uid, LAB_USER.gid)
  await writeFile(passwd, labPasswd())
  await writeFile(group, labGroup())
}

async function ours(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  return stats?.isDirectory() === true && stats.uid === process.getuid?.()
}

/** Removes a folder with all in it; none there is fine. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}
