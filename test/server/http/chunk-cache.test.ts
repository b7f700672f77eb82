import { describe, expect, it } from 'vitest'
import { ChunkCache, defaultCacheBytes } from '../../../server/http/chunk-cache.ts'

const bytesOf = (value: number) => new Uint8Array([value])

describe('ChunkCache', () => {
  it('shares one read among all who want a chunk at once', async () => {
    const cache = new ChunkCache(100)
    let reads = 0
    const read = async () => bytesOf(++reads)
    const all = await Promise.all(Array.from({ length: 64 }, () => cache.get('a', 10, read)))
    expect(reads).toBe(1)
    expect(new Set(all)).toEqual(new Set([all[0]]))
  })

  it('drops what was used least recently, and never holds more than it may', async () => {
    const cache = new ChunkCache(30)
    const read: string[] = []
    const get = (key: string) =>
      cache.get(key, 10, async () => {
        read.push(key)
        return bytesOf(0)
      })
    for (const key of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) {
      await get(key)
      expect(cache.usedBytes).toBeLessThanOrEqual(30)
    }
    expect(read).toEqual(['a', 'b', 'c', 'd', 'b'])
  })

  it('keeps the one chunk that is larger than all it may hold', async () => {
    const cache = new ChunkCache(5)
    await cache.get('a', 10, async () => bytesOf(1))
    await cache.get('b', 10, async () => bytesOf(2))
    expect(cache.usedBytes).toBe(10)
  })

  it('forgets a read that failed: the next one tries again', async () => {
    const cache = new ChunkCache(100)
    await expect(cache.get('a', 10, () => Promise.reject(new Error('disk')))).rejects.toThrow('disk')
    expect(cache.usedBytes).toBe(0)
    expect(await cache.get('a', 10, async () => bytesOf(7))).toEqual(bytesOf(7))
  })
})

it('takes an eighth of the host, at most 512 MiB', () => {
  expect(defaultCacheBytes(1 << 30)).toBe(128 << 20)
  expect(defaultCacheBytes(64 * 2 ** 30)).toBe(512 << 20)
})
