import { type FileHandle, open } from 'node:fs/promises'
import { ChunkCache } from '../chunk-cache.ts'
import { createTurnstile, type Turnstile } from './turnstile.ts'

/** Files that many clients read at once, through one cache of chunks. */
export type SharedFiles = {
  /** Rejects when there is no such file, or it is no plain one. */
  open(path: string): Promise<OpenFile>
  /** Passed before each chunk but the first. */
  readonly turnstile: Turnstile
}

/** A file while one client reads it. */
export type OpenFile = {
  readonly sizeBytes: number
  readonly modifiedMs: number
  /** From `position` to the end of its chunk, of the memory that all share; rejects when the file became shorter. */
  shared(position: number): Promise<Uint8Array>
  /** Begins to read the chunk that has `position`, if there is one: it will be asked for next. */
  ahead(position: number): void
  /** `length` octets from `position`, in memory of their own; rejects when the file became shorter. */
  own(position: number, length: number): Promise<Uint8Array>
  /** After the reads that are under way; never rejects. */
  close(): void
}

/** 1 MiB costs the same CPU for 16 and 64 clients (measured), and holds four times as much for each that stalls. */
const CHUNK_BYTES = 256 << 10
/** 4 MiB, 1 to 3 ms of writing: 64 clients that began at once had their first octets after 70 to 150 ms, not 900. */
const CHUNKS_PER_TURN = 16

/**
 * Files through a cache of `cacheBytes`. A chunk is known by path, size, time and inode, so a file that was replaced
 * is never mixed with the one before; each client has its own descriptor and ends with the file it began.
 */
export function shareFiles(cacheBytes: number): SharedFiles {
  const cache = new ChunkCache(cacheBytes)
  return {
    turnstile: createTurnstile(CHUNKS_PER_TURN),
    async open(path) {
      const handle = await open(path, 'r')
      try {
        const facts = await handle.stat()
        if (!facts.isFile()) throw new Error(`${path} is not a plain file`)
        const name = `${path}\0${facts.size}\0${facts.mtimeMs}\0${facts.ino}`
        return openFile(handle, { name, sizeBytes: facts.size, modifiedMs: facts.mtimeMs }, cache)
      } catch (error) {
        await handle.close()
        throw error
      }
    },
  }
}

type Facts = { readonly name: string; readonly sizeBytes: number; readonly modifiedMs: number }

function openFile(handle: FileHandle, facts: Facts, cache: ChunkCache): OpenFile {
  const { name, sizeBytes, modifiedMs } = facts
  const chunk = (index: number): Promise<Uint8Array> => {
    const start = index * CHUNK_BYTES
    const length = Math.min(CHUNK_BYTES, sizeBytes - start)
    return cache.get(`${index}\0${name}`, length, () => readFully(handle, start, length))
  }
  return {
    sizeBytes,
    modifiedMs,
    async shared(position) {
      const bytes = await chunk(Math.floor(position / CHUNK_BYTES))
      return bytes.subarray(position % CHUNK_BYTES)
    },
    ahead(position) {
      // Whoever needs it hears of the failure.
      if (position < sizeBytes) chunk(Math.floor(position / CHUNK_BYTES)).catch(() => undefined)
    },
    own: (position, length) => readFully(handle, position, length),
    close: () => void handle.close().catch(() => undefined),
  }
}

async function readFully(handle: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled)
    if (bytesRead === 0) throw new Error(`the file ends at ${start + filled}: it became shorter`)
    filled += bytesRead
  }
  return bytes
}
