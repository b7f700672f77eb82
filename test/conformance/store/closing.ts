import { describe, expect, it } from 'vitest'
import { put, type StoreBench } from './bench.ts'

/** The exam's part on the end of a store. */
export function describeClosing(bench: StoreBench): void {
  describe('closing', () => {
    it('finishes what was asked before, then refuses everything', async () => {
      const store = bench.open()
      const last = store.transact([], [put('a')])
      await store.close()
      expect(await last).toEqual({ kind: 'committed', revision: 1 })
      await expect(store.get('a')).rejects.toMatchObject({ code: 'GW_STORE' })
      await expect(store.list('')).rejects.toMatchObject({ code: 'GW_STORE' })
      await expect(store.transact([], [put('b')])).rejects.toMatchObject({ code: 'GW_STORE' })
      await store.close()
    })
  })
}
