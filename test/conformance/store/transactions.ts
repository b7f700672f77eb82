import { describe, expect, it } from 'vitest'
import { del, observe, put, type StoreBench } from './bench.ts'

/** The exam's part on conditions, atomicity and concurrency. */
export function describeTransactions(bench: StoreBench): void {
  describe('transactions', () => {
    it('happen only if every condition holds, and name the keys that did not', async () => {
      const store = bench.open()
      await store.transact([], [put('a'), put('b')])
      const conditions = [
        { key: 'a', version: 1 },
        { key: 'b', version: 0 },
        { key: 'c', version: 3 },
        { key: 'c', version: 2 },
      ]
      const outcome = await store.transact(conditions, [put('a'), del('b'), put('d')])
      expect(outcome).toEqual({ kind: 'conflict', keys: ['b', 'c'] })
      expect((await store.list('')).map(({ key, version }) => [key, version])).toEqual([
        ['a', 1],
        ['b', 1],
      ])
    })

    it('give one revision to all their writes, done in order', async () => {
      const store = bench.open()
      const { seen } = observe(store, '', 0)
      const writes = [put('a', 1), put('b', 1), del('a'), put('a', 2), put('b', 2)]
      expect(await store.transact([], writes)).toEqual({ kind: 'committed', revision: 1 })
      expect(seen).toEqual(['a=1 v1 r1', 'b=1 v1 r1', '-a r1', 'a=2 v1 r1', 'b=2 v2 r1'])
    })

    it('issued at once each see the one before: exactly one wins a key', async () => {
      const store = bench.open()
      const tries = Array.from({ length: 100 }, (_, index) =>
        store.transact(
          [{ key: 'ip/10.0.0.1', version: 0 }],
          [put('ip/10.0.0.1', index), put(`mac/${index}`)],
        ),
      )
      const outcomes = await Promise.all(tries)
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1)
      expect(await store.list('mac/')).toHaveLength(1)
    })

    it('make a counter right under concurrent read-modify-write', async () => {
      const store = bench.open()
      const increment = async (): Promise<void> => {
        for (;;) {
          const entry = await store.get('counter')
          const next = Number(entry?.value ?? 0) + 1
          const version = entry?.version ?? 0
          const outcome = await store.transact([{ key: 'counter', version }], [put('counter', next)])
          if (outcome.kind === 'committed') return
        }
      }
      await Promise.all(Array.from({ length: 20 }, increment))
      expect(await store.get('counter')).toMatchObject({ value: 20, version: 20, revision: 20 })
    })
  })
}
