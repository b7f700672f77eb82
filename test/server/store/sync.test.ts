import { expect, it } from 'vitest'
import type { StoreEngine } from '../../../server/store/engine.ts'
import { storeOver } from '../../../server/store/engine-store.ts'
import { memoryEngine } from '../../../server/store/memory.ts'
import { observe, put, settle } from '../../conformance/store/bench.ts'
import { createManualClock } from '../../fakes/manual-clock.ts'

/** A store on an engine whose syncs end when they are told to. */
function slowStore() {
  const syncs: { end(): void; fail(error: Error): void }[] = []
  const engine: StoreEngine = {
    ...memoryEngine(100),
    sync: () => new Promise((resolve, reject) => void syncs.push({ end: resolve, fail: reject })),
  }
  return { store: storeOver(engine, createManualClock()), syncs }
}

/** The promise's state, as the text it came to. */
function follow(promise: Promise<unknown>) {
  const state = { now: 'waits' }
  const become = (now: string) => {
    state.now = now
  }
  promise.then(
    () => become('done'),
    error => become(String(error.code)),
  )
  return state
}

it('a transaction is done, and told to watchers, only when it is on the medium', async () => {
  const { store, syncs } = slowStore()
  const { seen } = observe(store, '', 0)
  const first = follow(store.transact([], [put('a', 1)]))
  await settle()
  expect([first.now, seen, syncs.length]).toEqual(['waits', [], 1])
  syncs[0]?.end()
  await settle()
  expect([first.now, seen]).toEqual(['done', ['a=1 v1 r1']])
})

it('those that come during a sync share the next one', async () => {
  const { store, syncs } = slowStore()
  const all = [follow(store.transact([], [put('a')]))]
  await settle()
  for (const key of ['b', 'c', 'd']) {
    all.push(follow(store.transact([], [put(key)])))
    await settle()
  }
  expect(syncs.length).toBe(1)
  syncs[0]?.end()
  await settle()
  expect([all.map(each => each.now), syncs.length]).toEqual([['done', 'waits', 'waits', 'waits'], 2])
  syncs[1]?.end()
  await settle()
  expect(all.map(each => each.now)).toEqual(['done', 'done', 'done', 'done'])
})

it('a watch begun during a sync hears every change once, and none before it is on the medium', async () => {
  const { store, syncs } = slowStore()
  const all = [follow(store.transact([], [put('a', 1)]))]
  await settle()
  syncs[0]?.end()
  await settle()
  all.push(follow(store.transact([], [put('b', 2)])))
  await settle()
  const { seen } = observe(store, '', 1)
  all.push(follow(store.transact([], [put('c', 3)])))
  await settle()
  expect(seen).toEqual([])
  syncs[1]?.end()
  await settle()
  syncs[2]?.end()
  await settle()
  expect(seen).toEqual(['b=2 v1 r2', 'c=3 v1 r3'])
  expect(all.map(each => each.now)).toEqual(['done', 'done', 'done'])
})

it('after a sync that failed nothing is written any more: nobody knows what is on the medium', async () => {
  const { store, syncs } = slowStore()
  const { seen } = observe(store, '', 0)
  const first = follow(store.transact([], [put('a')]))
  await settle()
  const second = follow(store.transact([], [put('b')]))
  syncs[0]?.fail(new Error('EIO'))
  await settle()
  const third = follow(store.transact([], [put('c')]))
  await settle()
  expect([first.now, second.now, third.now, seen, syncs.length]).toEqual([
    'GW_STORE',
    'GW_STORE',
    'GW_STORE',
    [],
    1,
  ])
  await store.close()
})

it('to close it waits for what is under way and for what came meanwhile', async () => {
  const { store, syncs } = slowStore()
  const all = [follow(store.transact([], [put('a')]))]
  await settle()
  all.push(follow(store.transact([], [put('b')])))
  const closed = follow(store.close())
  await settle()
  expect(closed.now).toBe('waits')
  syncs[0]?.end()
  await settle()
  syncs[1]?.end()
  await settle()
  expect([closed.now, ...all.map(each => each.now)]).toEqual(['done', 'done', 'done'])
})

it('a transaction that changes nothing needs no sync', async () => {
  const { store, syncs } = slowStore()
  expect(await store.transact([{ key: 'a', version: 3 }], [put('a')])).toEqual({
    kind: 'conflict',
    keys: ['a'],
  })
  expect(syncs.length).toBe(0)
})
