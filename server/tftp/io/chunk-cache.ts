/** Reads one whole chunk; fewer octets only at the end of the file. */
export type ReadChunk = (offset: number, length: number) => Promise<Uint8Array>

/** Size of one cached chunk. */
export const CHUNK_BYTES = 65_536

/**
 * The chunks read last, shared by all transfers: a class room that boots the same loader reads the disk once. Holds at
 * most `capacityBytes`; the chunk unused for longest goes first. Readers of a chunk that is on its way share the read.
 */
export class ChunkCache {
  readonly #chunks = new Map<string, Promise<Uint8Array>>()
  readonly #capacity: number

  constructor(capacityBytes: number) {
    this.#capacity = Math.max(1, Math.floor(capacityBytes / CHUNK_BYTES))
  }

  /** The `index`-th chunk of the file known as `identity`, from memory or by `read`; a failed read is not kept. */
  chunk(identity: string, index: number, read: ReadChunk): Promise<Uint8Array> {
    const key = `${identity}/${index}`
    const known = this.#chunks.get(key)
    const chunk = known ?? this.#fetch(key, index, read)
    this.#chunks.delete(key)
    this.#chunks.set(key, chunk)
    return chunk
  }

  #fetch(key: string, index: number, read: ReadChunk): Promise<Uint8Array> {
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size < this.#capacity) break
      this.#chunks.delete(oldest)
    }
    const chunk = read(index * CHUNK_BYTES, CHUNK_BYTES)
    chunk.catch(() => this.#chunks.delete(key))
    return chunk
  }
}
