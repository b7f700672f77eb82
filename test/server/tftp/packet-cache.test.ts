import { describe, expect, it } from 'vitest'
import { PacketCache } from '../../../server/tftp/packet-cache.ts'

const run = (fill: number) => [new Uint8Array(800).fill(fill)]

describe('PacketCache', () => {
  it('makes each run once, also for those who ask while it is being made', async () => {
    const cache = new PacketCache(10_000)
    let made = 0
    const make = async () => run(++made)
    const [first, second] = await Promise.all([cache.getOrMake('a', make), cache.getOrMake('a', make)])
    expect([made, first === second, cache.get('a') === first]).toEqual([1, true, true])
  })

  it('drops what was unused for longest when it is full', async () => {
    const cache = new PacketCache(2000)
    for (const key of ['a', 'b']) await cache.getOrMake(key, async () => run(0))
    cache.get('a')
    await cache.getOrMake('c', async () => run(0))
    expect(['a', 'b', 'c'].map(key => cache.get(key) !== undefined)).toEqual([true, false, true])
  })

  it('keeps a run larger than itself until the next', async () => {
    const cache = new PacketCache(10)
    await cache.getOrMake('a', async () => run(0))
    expect(cache.get('a')).toBeDefined()
    await cache.getOrMake('b', async () => run(0))
    expect([cache.get('a'), cache.get('b') !== undefined]).toEqual([undefined, true])
  })

  it('does not keep a failure', async () => {
    const cache = new PacketCache(10_000)
    await expect(cache.getOrMake('a', () => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO')
    expect(await cache.getOrMake('a', async () => run(1))).toEqual(run(1))
  })

  it('lets who waited for another one try with a file of its own', async () => {
    const cache = new PacketCache(10_000)
    const asked = [
      cache.getOrMake('a', () => Promise.reject(new Error('file closed'))),
      cache.getOrMake('a', async () => run(1)),
      cache.getOrMake('a', async () => run(2)),
    ]
    const [first, second, third] = await Promise.allSettled(asked)
    expect(first).toMatchObject({ status: 'rejected' })
    expect(second).toEqual({ status: 'fulfilled', value: run(1) })
    expect(third).toEqual(second)
  })

  it('tells files apart by text or by object', () => {
    const cache = new PacketCache(10_000)
    const [one, other] = [run(0), run(0)]
    expect(cache.prefix(one)).toBe(cache.prefix(one))
    expect(new Set([cache.prefix(one), cache.prefix(other), cache.prefix('a'), cache.prefix('a')]).size).toBe(
      3,
    )
  })
})
