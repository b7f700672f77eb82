import { describe, expect, it, vi } from 'vitest'
import { observe, PATIENCE, put, type StoreBench } from './bench.ts'

/** The exam's part on keys with an end. */
export function describeExpiry(bench: StoreBench): void {
  describe('expiring keys', () => {
    it('vanish for get, list and conditions at their time, not before', async () => {
      const store = bench.open()
      await store.transact([], [put('a', 1, bench.clock.now() + 100), put('b', 1)])
      bench.clock.advance(99)
      expect(await store.get('a')).toMatchObject({ version: 1 })
      bench.clock.advance(1)
      expect(await store.get('a')).toBeUndefined()
      expect((await store.list('')).map(({ key }) => key)).toEqual(['b'])
      expect(await store.transact([{ key: 'a', version: 1 }], [put('c')])).toEqual({
        kind: 'conflict',
        keys: ['a'],
      })
      expect(await store.transact([{ key: 'a', version: 0 }], [put('a', 2)])).toMatchObject({
        kind: 'committed',
      })
      expect(await store.get('a')).toMatchObject({ value: 2, version: 1 })
    })

    it('are announced by themselves, first due first, as deletes of their own revision', async () => {
      const store = bench.open()
      const { seen } = observe(store, '', 0)
      const atMs = bench.clock.now()
      await store.transact([], [put('late', 1, atMs + 500), put('soon', 1, atMs + 100), put('stays', 1)])
      seen.length = 0
      bench.clock.advance(101)
      await vi.waitFor(() => expect(seen).toEqual(['-soon r2']), PATIENCE)
      bench.clock.advance(1000)
      await vi.waitFor(() => expect(seen).toEqual(['-soon r2', '-late r3']), PATIENCE)
      expect(await store.transact([], [put('next')])).toEqual({ kind: 'committed', revision: 4 })
    })

    it('are announced before a write that takes their place', async () => {
      const store = bench.open()
      const { seen } = observe(store, '', 0)
      await store.transact([], [put('a', 1, bench.clock.now() + 1)])
      bench.clock.advance(1)
      await store.transact([{ key: 'a', version: 0 }], [put('a', 2)])
      expect(seen).toEqual(['a=1 v1 r1', '-a r2', 'a=2 v1 r3'])
    })

    it('stay when written again without an expiry, or with a later one', async () => {
      const store = bench.open()
      const atMs = bench.clock.now()
      await store.transact([], [put('a', 1, atMs + 10), put('b', 1, atMs + 10)])
      await store.transact([], [put('a', 2), put('b', 2, atMs + 50)])
      bench.clock.advance(20)
      expect((await store.list('')).map(({ key }) => key)).toEqual(['a', 'b'])
      bench.clock.advance(40)
      expect((await store.list('')).map(({ key }) => key)).toEqual(['a'])
    })

    it('that are due when written are gone for the next transaction', async () => {
      const store = bench.open()
      const first = store.transact([], [put('a', 1, bench.clock.now())])
      const second = store.transact([{ key: 'a', version: 0 }], [put('b')])
      expect(await first).toEqual({ kind: 'committed', revision: 1 })
      expect(await second).toEqual({ kind: 'committed', revision: 3 })
      expect(await store.get('a')).toBeUndefined()
    })
  })
}
