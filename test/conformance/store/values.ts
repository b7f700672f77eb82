import { describe, expect, it } from 'vitest'
import { del, put, type StoreBench } from './bench.ts'

/** The exam's part on what a key and a value may be and how they are counted. */
export function describeValues(bench: StoreBench): void {
  describe('keys and values', () => {
    it('knows nothing at first', async () => {
      const store = bench.open()
      expect(await store.get('a')).toBeUndefined()
      expect(await store.list('')).toEqual([])
    })

    it('counts versions per key and revisions over all', async () => {
      const store = bench.open()
      expect(await store.transact([], [put('a', 1)])).toEqual({ kind: 'committed', revision: 1 })
      expect(await store.transact([], [put('b', 2)])).toEqual({ kind: 'committed', revision: 2 })
      expect(await store.transact([], [put('a', 3)])).toEqual({ kind: 'committed', revision: 3 })
      expect(await store.list('')).toEqual([
        { key: 'a', value: 3, version: 2, revision: 3 },
        { key: 'b', value: 2, version: 1, revision: 2 },
      ])
    })

    it('starts at version 1 again after a delete', async () => {
      const store = bench.open()
      await store.transact([], [put('a'), put('a')])
      expect((await store.get('a'))?.version).toBe(2)
      await store.transact([], [del('a')])
      expect(await store.get('a')).toBeUndefined()
      await store.transact([], [put('a')])
      expect(await store.get('a')).toMatchObject({ version: 1, revision: 3 })
    })

    it('keeps the revision when nothing changes', async () => {
      const store = bench.open()
      await store.transact([], [put('a')])
      expect(await store.transact([], [del('b')])).toEqual({ kind: 'committed', revision: 1 })
      expect(await store.transact([], [])).toEqual({ kind: 'committed', revision: 1 })
    })

    it('lists by whole path segments, ordered by key', async () => {
      const store = bench.open()
      const keys = ['lease/ip/2', 'lease/ip/10', 'lease/ipx/1', 'lease', 'leasf/1', 'lease/mac/a', 'lease/~']
      await store.transact(
        [],
        keys.map(key => put(key)),
      )
      const keysUnder = async (prefix: string) => (await store.list(prefix)).map(({ key }) => key)
      expect(await keysUnder('lease/ip/')).toEqual(['lease/ip/10', 'lease/ip/2'])
      expect(await keysUnder('lease/')).toEqual([
        'lease/ip/10',
        'lease/ip/2',
        'lease/ipx/1',
        'lease/mac/a',
        'lease/~',
      ])
      expect(await keysUnder('')).toEqual([...keys].sort())
    })

    it('holds values as JSON, out of reach of later changes', async () => {
      const store = bench.open()
      const value = { list: [1], at: new Date(0), gone: undefined, text: '\u0000ü🦜' }
      const done = store.transact([], [put('a', value)])
      value.list.push(2)
      await done
      const first = await store.get('a')
      const expected = { list: [1], at: '1970-01-01T00:00:00.000Z', text: '\u0000ü🦜' }
      expect(first?.value).toEqual(expected)
      Object.assign(first?.value ?? {}, { list: [3] })
      expect((await store.get('a'))?.value).toEqual(expected)
    })

    it.each(['', '/a', 'a/', 'a//b', 'a b', 'ä', 'a\n', 'x'.repeat(513)])('refuses the key %j', async key => {
      const store = bench.open()
      await expect(store.get(key)).rejects.toMatchObject({ code: 'GW_STORE' })
      await expect(store.transact([], [put(key)])).rejects.toMatchObject({ code: 'GW_STORE' })
      await expect(store.transact([{ key, version: 0 }], [])).rejects.toMatchObject({ code: 'GW_STORE' })
    })

    it('refuses a prefix that cuts a segment', async () => {
      await expect(bench.open().list('lea')).rejects.toMatchObject({ code: 'GW_STORE' })
    })

    it('refuses what JSON cannot hold, and writes nothing of that transaction', async () => {
      const store = bench.open()
      const circle: { self?: unknown } = {}
      circle.self = circle
      for (const value of [undefined, () => 1, 1n, circle]) {
        const write = { kind: 'put' as const, key: 'b', value }
        await expect(store.transact([], [put('a'), write])).rejects.toMatchObject({ code: 'GW_STORE' })
      }
      await expect(store.transact([], [put('a', 1, Number.NaN)])).rejects.toMatchObject({
        code: 'GW_STORE',
      })
      expect(await store.list('')).toEqual([])
    })
  })
}
