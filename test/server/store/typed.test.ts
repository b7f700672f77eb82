import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createMemoryStore } from '../../../server/store/memory.ts'
import { collection } from '../../../server/store/typed.ts'
import { createFailingStore } from '../../fakes/failing-store.ts'
import { createManualClock } from '../../fakes/manual-clock.ts'

const Machine = z.object({ name: z.string(), ramBytes: z.number().int().positive() })
const alder = { name: 'alder', ramBytes: 2 ** 30 }

function setUp() {
  const clock = createManualClock()
  const store = createMemoryStore(clock)
  return { clock, store, machines: collection(store, 'machine/', Machine) }
}

describe('a collection', () => {
  it('writes and reads by id, with versions', async () => {
    const { machines } = setUp()
    expect(await machines.get('m1')).toBeUndefined()
    expect(await machines.put('m1', alder, 0)).toEqual({ kind: 'committed', revision: 1 })
    expect(await machines.put('m1', alder, 0)).toEqual({ kind: 'conflict', keys: ['machine/m1'] })
    expect(await machines.put('m1', { ...alder, ramBytes: 1 }, 'any')).toMatchObject({ kind: 'committed' })
    expect(await machines.get('m1')).toEqual({
      kind: 'found',
      id: 'm1',
      value: { name: 'alder', ramBytes: 1 },
      version: 2,
      revision: 2,
    })
    expect(await machines.delete('m1', 1)).toMatchObject({ kind: 'conflict' })
    expect(await machines.delete('m1', 2)).toMatchObject({ kind: 'committed' })
    expect(await machines.list()).toEqual({ found: [], broken: [] })
  })

  it('tells a record that no longer fits by its key, and lists the others', async () => {
    const { store, machines } = setUp()
    await machines.put('m1', alder, 0)
    await store.transact([], [{ kind: 'put', key: 'machine/m2', value: { name: 7 } }])
    const { found, broken } = await machines.list()
    expect(found.map(({ id }) => id)).toEqual(['m1'])
    expect(broken).toEqual([
      { kind: 'broken', key: 'machine/m2', problem: expect.stringMatching(/name[\s\S]*ramBytes/) },
    ])
    expect(await machines.get('m2')).toMatchObject({ kind: 'broken', key: 'machine/m2' })
  })

  it('never writes what does not fit', async () => {
    const { machines } = setUp()
    const bad = machines.put('m1', { name: 'alder', ramBytes: -1 }, 'any')
    await expect(bad).rejects.toMatchObject({
      code: 'GW_STORE',
      message: expect.stringContaining('machine/m1'),
    })
    expect(await machines.get('m1')).toBeUndefined()
  })

  it('takes part in transactions over several collections, and in expiry', async () => {
    const { clock, store, machines } = setUp()
    const names = collection(store, 'name/', z.string())
    const writes = [machines.putting('m1', alder, clock.now() + 10), names.putting('alder', 'm1')]
    await store.transact([{ key: names.key('alder'), version: 0 }], writes)
    expect(await names.get('alder')).toMatchObject({ value: 'm1' })
    clock.advance(10)
    expect(await machines.get('m1')).toBeUndefined()
  })

  it('passes on what the store says when its disk is gone', async () => {
    const machines = collection(createFailingStore(), 'machine/', Machine)
    const failed = { code: 'GW_STORE', cause: expect.any(Error) }
    await expect(machines.get('m1')).rejects.toMatchObject(failed)
    await expect(machines.list()).rejects.toMatchObject(failed)
    await expect(machines.put('m1', alder, 0)).rejects.toMatchObject(failed)
    await expect(machines.delete('m1', 0)).rejects.toMatchObject(failed)
  })
})
