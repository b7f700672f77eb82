import { describe, expect, it } from 'vitest'
import type { StoreChange } from '../../../server/store/store.ts'
import { del, describeChange, observe, put, type StoreBench, settle } from './bench.ts'

/** The exam's part on what a watch hears, from where, until when. */
export function describeWatches(bench: StoreBench): void {
  describe('watches', () => {
    it('hear what lies under their prefix, in order, until aborted', async () => {
      const store = bench.open()
      await store.transact([], [put('a/0')])
      const { seen, stop } = observe(store, 'a/', 0)
      await store.transact([], [put('a/1'), put('b/1'), put('ab')])
      await Promise.all([store.transact([], [del('a/0')]), store.transact([], [put('a/1')])])
      expect(seen).toEqual(['a/1="a/1" v1 r2', '-a/0 r3', 'a/1="a/1" v2 r4'])
      stop.abort()
      await store.transact([], [put('a/2')])
      expect(seen).toHaveLength(3)
    })

    it('resume after a revision, deletes included, without gap or repeat', async () => {
      const store = bench.open()
      for (const key of ['a', 'b', 'c']) await store.transact([], [put(key, 0)])
      await store.transact([], [del('b')])
      const { seen } = observe(store, '', 2)
      await store.transact([], [put('d', 0)])
      expect(seen).toEqual(['c=0 v1 r3', '-b r4', 'd=0 v1 r5'])
    })

    it('start anew with a reset where the log no longer reaches back', async () => {
      const store = bench.open(3)
      for (const key of ['x/a', 'x/b', 'y/a', 'x/c', 'x/d']) await store.transact([], [put(key, 0)])
      await store.transact([], [del('x/a')])
      const kept = observe(store, 'x/', 3)
      const lost = observe(store, 'x/', 2)
      const fromElsewhere = observe(store, 'x/', 99)
      await store.transact([], [put('x/e', 0)])
      expect(kept.seen).toEqual(['x/c=0 v1 r4', 'x/d=0 v1 r5', '-x/a r6', 'x/e=0 v1 r7'])
      const anew = ['reset r6', 'x/b=0 v1 r2', 'x/c=0 v1 r4', 'x/d=0 v1 r5', 'x/e=0 v1 r7']
      expect(lost.seen).toEqual(anew)
      expect(fromElsewhere.seen).toEqual(anew)
    })

    it('may write, and end, from inside', async () => {
      const store = bench.open()
      const stop = new AbortController()
      const seen: string[] = []
      const react = (change: StoreChange): void => {
        seen.push(describeChange(change))
        stop.abort()
        void store.transact([], [put('answer', 1)])
      }
      store.watch('', 0, react, stop.signal)
      await store.transact([], [put('a', 1), put('b', 1)])
      await settle()
      expect(seen).toEqual(['a=1 v1 r1'])
      expect((await store.get('answer'))?.version).toBe(1)
    })

    it('never begin for a signal that is aborted already', async () => {
      const store = bench.open()
      const seen: unknown[] = []
      store.watch('', 0, change => seen.push(change), AbortSignal.abort())
      await store.transact([], [put('a')])
      expect(seen).toEqual([])
    })
  })
}
