import { describe, expect, it } from 'vitest'
import type { StoreEngine } from '../../../server/store/engine.ts'
import { storeOver } from '../../../server/store/engine-store.ts'
import { memoryEngine } from '../../../server/store/memory.ts'
import { observe, put, settle } from '../../conformance/store/bench.ts'
import { createManualClock } from '../../fakes/manual-clock.ts'

/** A memory engine that counts its commits and fails them while `broken`. */
function countingEngine() {
  const state = { commits: 0, broken: false }
  const engine: StoreEngine = {
    ...memoryEngine(100),
    atomically(work) {
      if (state.broken) throw new Error('disk I/O error')
      state.commits += 1
      return work()
    },
  }
  return { state, engine }
}

describe('group commit', () => {
  it('writes once for all transactions of one turn', async () => {
    const { state, engine } = countingEngine()
    const store = storeOver(engine, createManualClock())
    const outcomes = Array.from({ length: 50 }, (_, index) => store.transact([], [put(`key/${index}`)]))
    const revisions = (await Promise.all(outcomes)).map(one => one.kind === 'committed' && one.revision)
    expect(revisions).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    expect(state.commits).toBe(1)
    await store.transact([], [put('later')])
    expect(state.commits).toBe(2)
  })

  it('lets those that nobody waits for wait a moment for one that somebody does', async () => {
    const { state, engine } = countingEngine()
    const clock = createManualClock()
    const store = storeOver(engine, clock)
    const both = [store.transact([], [put('a')], 'soon'), store.transact([], [put('b')], 'soon')]
    await settle()
    expect(state.commits).toBe(0)
    expect(await store.transact([], [put('c')])).toEqual({ kind: 'committed', revision: 3 })
    expect(await Promise.all(both)).toEqual([1, 2].map(revision => ({ kind: 'committed', revision })))
    expect(state.commits).toBe(1)
    const late = store.transact([], [put('d')], 'soon')
    await settle()
    expect(state.commits).toBe(1)
    clock.advance(50)
    expect(await late).toEqual({ kind: 'committed', revision: 4 })
    expect(state.commits).toBe(2)
  })

  it('brings what waits to the medium before it closes', async () => {
    const { engine } = countingEngine()
    const store = storeOver(engine, createManualClock())
    const late = store.transact([], [put('a')], 'soon')
    await store.close()
    expect(await late).toEqual({ kind: 'committed', revision: 1 })
  })

  it('rejects them all when the medium fails, and goes on when it is well again', async () => {
    const { state, engine } = countingEngine()
    const store = storeOver(engine, createManualClock())
    const { seen } = observe(store, '', 0)
    state.broken = true
    const outcomes = await Promise.allSettled([
      store.transact([], [put('a')]),
      store.transact([], [put('b')]),
    ])
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'GW_STORE', cause: new Error('disk I/O error') },
      })
    }
    expect(seen).toEqual([])
    expect(await store.list('')).toEqual([])
    state.broken = false
    expect(await store.transact([], [put('a')])).toEqual({ kind: 'committed', revision: 1 })
  })

  it('tries an expiry again that the medium refused', async () => {
    const { state, engine } = countingEngine()
    const clock = createManualClock()
    const store = storeOver(engine, clock)
    await store.transact([], [put('a', 1, clock.now() + 100)])
    const { seen } = observe(store, '', 0)
    state.broken = true
    clock.advance(200)
    expect(await store.get('a')).toBeUndefined()
    state.broken = false
    clock.advance(2000)
    await settle()
    expect(seen).toEqual(['-a r2'])
  })
})
