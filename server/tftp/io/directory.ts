import type { Stats } from 'node:fs'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { lstat, open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { TftpFile } from '../blocks.ts'
import type { TftpPath } from '../filename.ts'
import { CHUNK_BYTES, ChunkCache } from './chunk-cache.ts'

/** Memory the files of one directory may take; the loaders together are a few MiB. */
const CACHE_BYTES = 64 << 20
/** Permission bit "others may read": what is private to a user is not for the network (as dnsmasq holds it). */
const WORLD_READABLE = 0o004
/** Debian's ipxe package keeps these two in /boot and links to them from /usr/lib/ipxe (seen in Debian 12). */
const DEBIAN_LINK_TARGETS = ['/boot/ipxe.efi', '/boot/ipxe.lkrn']
/** What a missing or unreachable name looks like: nothing to serve, nothing to report. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES', 'EISDIR', 'ENXIO'])

/**
 * Opens files below `root` for `startTftp`. Links may lead anywhere inside the root, and outside it only to the files
 * in `linkTargets` (absolute, free of links themselves). Only regular, world-readable files; opened once, size as of
 * then. Undefined for everything else; rejects when the disk fails.
 */
export function openFromDirectory(
  root: string,
  linkTargets: readonly string[] = DEBIAN_LINK_TARGETS,
): (request: { readonly path: TftpPath }) => Promise<TftpFile | undefined> {
  const cache = new ChunkCache(CACHE_BYTES)
  return async ({ path }) => {
    try {
      const realRoot = await realpath(root)
      const realFile = await realpath(join(realRoot, ...path))
      const isAllowed = isInside(realRoot, realFile) || linkTargets.includes(realFile)
      return isAllowed ? await openRegular(realFile, cache) : undefined
    } catch (error) {
      if (error instanceof Error && 'code' in error && ABSENT.has(String(error.code))) return undefined
      throw error
    }
  }
}

function isInside(root: string, file: string): boolean {
  return file.startsWith(root.endsWith(sep) ? root : root + sep)
}

async function openRegular(file: string, cache: ChunkCache): Promise<TftpFile | undefined> {
  // NONBLOCK: a FIFO must not hold us. NOFOLLOW: the name was resolved, a link here now is somebody's race.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    const stats = await handle.stat()
    if (isServable(stats) && (await isStillThere(file, stats))) return cachedFile(handle, stats, cache)
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

function cachedFile(handle: FileHandle, stats: Stats, cache: ChunkCache): TftpFile {
  const identity = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`
  const readChunk = (offset: number, length: number): Promise<Uint8Array> =>
    readFully(handle, offset, Math.min(length, stats.size - offset))
  return {
    sizeBytes: stats.size,
    read: async (offset, length) => {
      const end = Math.min(offset + length, stats.size)
      const parts: Uint8Array[] = []
      for (let index = Math.floor(offset / CHUNK_BYTES); index * CHUNK_BYTES < end; index++) {
        const start = index * CHUNK_BYTES
        const chunk = await cache.chunk(identity, index, readChunk)
        parts.push(chunk.subarray(Math.max(0, offset - start), end - start))
      }
      return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    },
    close: () => handle.close(),
  }
}

/** `length` octets from `offset`; fewer when the file has been cut since. */
async function readFully(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
