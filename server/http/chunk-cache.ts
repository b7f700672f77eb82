/** Reads one chunk; rejects when the file cannot be read. */
export type ReadChunk = () => Promise<Uint8Array>

/**
 * Chunks of files in memory, the least recently used leave first. All who want a chunk at once share one read: many
 * machines that boot together read each part of the image from the disk once.
 */
export class ChunkCache {
  readonly #chunks = new Map<string, { readonly sizeBytes: number; readonly bytes: Promise<Uint8Array> }>()
  readonly #limitBytes: number
  #usedBytes = 0

  /** Holds at most `limitBytes`, and always the one chunk that was asked for last. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** Octets of all chunks that are kept. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /**
   * The chunk called `key`, of `sizeBytes`; `read` is called only when nobody has it or is reading it. A read that
   * failed is not kept: the next one tries again.
   */
  get(key: string, sizeBytes: number, read: ReadChunk): Promise<Uint8Array> {
    const known = this.#chunks.get(key)
    if (known !== undefined) {
      this.#chunks.delete(key)
      this.#chunks.set(key, known)
      return known.bytes
    }
    const chunk = { sizeBytes, bytes: read() }
    this.#chunks.set(key, chunk)
    this.#usedBytes += sizeBytes
    chunk.bytes.catch(() => {
      if (this.#chunks.get(key) === chunk) this.#drop(key, sizeBytes)
    })
    this.#makeRoom()
    return chunk.bytes
  }

  #makeRoom(): void {
    for (const [key, { sizeBytes }] of this.#chunks) {
      if (this.#usedBytes <= this.#limitBytes || this.#chunks.size === 1) return
      this.#drop(key, sizeBytes)
    }
  }

  #drop(key: string, sizeBytes: number): void {
    this.#chunks.delete(key)
    this.#usedBytes -= sizeBytes
  }
}

const MAX_DEFAULT_BYTES = 512 << 20

/** The size for a host with so much memory: an eighth, at most 512 MiB (an image is about 330 MB). */
export function defaultCacheBytes(memoryBytes: number): number {
  return Math.min(MAX_DEFAULT_BYTES, Math.floor(memoryBytes / 8))
}
