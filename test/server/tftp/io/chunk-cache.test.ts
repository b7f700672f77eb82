import { describe, expect, it } from 'vitest'
import { CHUNK_BYTES, ChunkCache } from '../../../../server/tftp/io/chunk-cache.ts'

describe('ChunkCache', () => {
  it('reads each chunk once, also for readers that come while it is on its way', async () => {
    const cache = new ChunkCache(4 * CHUNK_BYTES)
    const reads: number[] = []
    const read = async (offset: number): Promise<Uint8Array> => {
      reads.push(offset)
      return Uint8Array.of(offset / CHUNK_BYTES)
    }
    const chunks = await Promise.all([0, 1, 1, 0].map(index => cache.chunk('f', index, read)))
    expect(chunks.map(chunk => chunk[0])).toEqual([0, 1, 1, 0])
    expect(reads).toEqual([0, CHUNK_BYTES])
  })

  it('drops the chunk unused for longest, and tells files apart', async () => {
    const cache = new ChunkCache(2 * CHUNK_BYTES)
    const reads: string[] = []
    const get = (file: string): Promise<Uint8Array> =>
      cache.chunk(file, 0, async () => {
        reads.push(file)
        return new Uint8Array()
      })
    for (const file of ['a', 'b', 'a', 'c', 'a', 'b']) await get(file)
    expect(reads).toEqual(['a', 'b', 'c', 'b'])
  })

  it('does not keep a failed read', async () => {
    const cache = new ChunkCache(CHUNK_BYTES)
    await expect(cache.chunk('f', 0, () => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO')
    expect(await cache.chunk('f', 0, async () => Uint8Array.of(7))).toEqual(Uint8Array.of(7))
  })
})
