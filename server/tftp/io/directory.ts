import type { Stats } from 'node:fs'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { lstat, open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { TftpFile } from '../file.ts'
import type { TftpPath } from '../filename.ts'
import { spelledAsOnDisk } from './any-case.ts'

/** Permission bit "others may read": what is private to a user is not for the network (as dnsmasq holds it). */
const WORLD_READABLE = 0o004
/** Debian's ipxe package keeps these two in /boot and links to them from /usr/lib/ipxe (seen in Debian 12). */
const DEBIAN_LINK_TARGETS = ['/boot/ipxe.efi', '/boot/ipxe.lkrn']
/** What a missing or unreachable name looks like: nothing to serve, nothing to report. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES', 'EISDIR', 'ENXIO'])

/** `linkTargets`: absolute, free of links themselves. `ignoreCase`: look for `BOOT.INI` when there is no `boot.ini`. */
export type DirectoryOptions = {
  readonly linkTargets?: readonly string[]
  readonly ignoreCase?: boolean
}

/**
 * Opens files below `root` for `startTftp`. Links may lead anywhere inside the root, and outside it only to the files
 * in `linkTargets`. Only regular, world-readable files; opened once, size as of then; reading rejects once the file has
 * been written to. Undefined for everything else; rejects when the disk fails.
 */
export function openFromDirectory(
  root: string,
  options: DirectoryOptions = {},
): (request: { readonly path: TftpPath }) => Promise<TftpFile | undefined> {
  const linkTargets = options.linkTargets ?? DEBIAN_LINK_TARGETS
  const find = async (path: TftpPath): Promise<TftpFile | undefined> => {
    try {
      const realRoot = await realpath(root)
      const realFile = await realpath(join(realRoot, ...path))
      const isAllowed = isInside(realRoot, realFile) || linkTargets.includes(realFile)
      return isAllowed ? await openRegular(realFile) : undefined
    } catch (error) {
      if (error instanceof Error && 'code' in error && ABSENT.has(String(error.code))) return undefined
      throw error
    }
  }
  return async ({ path }) => {
    const found = await find(path)
    if (found !== undefined || !(options.ignoreCase || isWindowsTree(path))) return found
    const spelled = await spelledAsOnDisk(root, path)
    return spelled && find(spelled)
  }
}

/** Windows' boot manager asks for `boot\bcd` and `Boot\BCD` alike. */
function isWindowsTree(path: TftpPath): boolean {
  return path.length > 1 && path[0]?.toLowerCase() === 'boot'
}

function isInside(root: string, file: string): boolean {
  return file.startsWith(root.endsWith(sep) ? root : root + sep)
}

async function openRegular(file: string): Promise<TftpFile | undefined> {
  // NONBLOCK: a FIFO must not hold us. NOFOLLOW: the name was resolved, a link here now is somebody's race.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    const stats = await handle.stat()
    if (isServable(stats) && (await isStillThere(file, stats))) return openedFile(handle, stats)
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  return undefined
}

function isServable(stats: Stats): boolean {
  return stats.isFile() && (stats.mode & WORLD_READABLE) !== 0
}

/** A folder on the way may have been swapped for a link between resolving and opening: the name must still mean this. */
async function isStillThere(file: string, opened: Stats): Promise<boolean> {
  if ((await realpath(file)) !== file) return false
  const named = await lstat(file)
  return named.dev === opened.dev && named.ino === opened.ino
}

function openedFile(handle: FileHandle, stats: Stats): TftpFile {
  return {
    sizeBytes: stats.size,
    identity: version(stats),
    read: async (offset, length) => {
      const bytes = await readFully(handle, offset, Math.min(length, stats.size - offset))
      // Replaced by a new file, we still have the old one; written over, its two halves would be of two versions.
      if (version(await handle.stat()) !== version(stats)) throw new Error('file changed while it was read')
      return bytes
    },
    close: () => handle.close(),
  }
}

function version(stats: Stats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`
}

/** `length` octets from `offset`; fewer when the file has been cut since. */
async function readFully(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, length))
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
