import { chmod, mkdir, open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ServerConfig } from '../../config/server.ts'
import { GodwitError } from '../../protocol/errors.ts'

/** Longest path a unix socket can have (sun_path of unix(7) less its final zero). */
const SOCKET_PATH_BYTES = 107

/** Where this server keeps what. */
export type StatePaths = {
  readonly stateDir: string
  readonly database: string
  readonly imageDir: string
  readonly adminSocket: string
}

/**
 * Makes the state folder (mode 0700: it holds keys) and names what is in it; the database is its owner's alone even
 * in a folder that was there before and is open to all. Throws GW_STORE or GW_CONFIG_INVALID.
 */
export async function openStateFolder(config: ServerConfig): Promise<StatePaths> {
  const stateDir = resolve(config.stateDir)
  const paths = {
    stateDir,
    database: join(stateDir, 'godwit.sqlite'),
    imageDir: resolve(config.imageDir ?? join(stateDir, 'images')),
    adminSocket: resolve(config.adminSocket ?? join(stateDir, 'admin.sock')),
  }
  if (Buffer.byteLength(paths.adminSocket) > SOCKET_PATH_BYTES) {
    const message = `the path of the admin socket is longer than ${SOCKET_PATH_BYTES} octets: ${paths.adminSocket}; set adminSocket to a shorter one`
    throw new GodwitError('GW_CONFIG_INVALID', message)
  }
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o700 })
    await keepPrivate(paths.database)
  } catch (error) {
    throw new GodwitError(
      'GW_STORE',
      `the state folder ${stateDir} cannot be made: ${(error as Error).message}`,
      { cause: error },
    )
  }
  return paths
}

/** SQLite takes an empty file for a new database, and gives its journal the same mode. */
async function keepPrivate(path: string): Promise<void> {
  const file = await open(path, 'a', 0o600)
  await file.close()
  await chmod(path, 0o600)
}
