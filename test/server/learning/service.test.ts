import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Demand } from '../../../protocol/decision.ts'
import { HistoryView } from '../../../protocol/history.ts'
import type { Log } from '../../../protocol/log.ts'
import { startLearning } from '../../../server/learning/service.ts'
import { estimateDemand } from '../../../server/placement/demand/prepare.ts'
import { createMemoryStore } from '../../../server/store/memory.ts'
import { openSqliteStore } from '../../../server/store/sqlite.ts'
import type { Store } from '../../../server/store/store.ts'
import { GIB, MIB, node, RULES, request } from '../placement/fixtures.ts'
import { endedRecord } from './fixtures.ts'

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
const observed = { capacity: 4, benchmark: 1 }
const demandOf = (key: string) =>
  Demand.parse({ threads: 1, memoryBytes: MIB, memoryMaxBytes: null, threadsFrom: '', memoryFrom: '', key })

async function open(store: Store) {
  let nowMs = 0
  const learning = await startLearning({ store, now: () => ++nowMs, log: silent })
  const demand = (command: string, on = node(1)) =>
    estimateDemand(request(command), on, {
      referenceBytes: 4 * GIB,
      rules: RULES,
      knowledge: learning.knowledge,
      nowMs,
    })
  const run = (command: string, changes: Parameters<typeof endedRecord>[0] = {}) => {
    const estimate = demand(command)
    const record = endedRecord({ reservedBytes: estimate.memoryBytes, ...changes })
    learning.ended(record, estimate, observed)
  }
  return { ...learning, demand, run }
}
const memoryStore = () => createMemoryStore({ now: () => 0 })
const peak = (peakMemoryBytes: number) => ({
  usage: { cpuSeconds: 8, memoryBytes: 0, peakMemoryBytes, threads: 0, peakThreads: 9 },
})

describe('learning', () => {
  it('makes the next decision of the command a better one', async () => {
    const { demand, run, close } = await open(memoryStore())
    expect(demand('sort x').memoryFrom).toBe('default')
    for (let index = 0; index < 30; index += 1) run('sort x', peak(2 * GIB))
    const { memoryBytes, memoryFrom, threads, threadsFrom, lifeMs } = demand('sort x')
    expect(memoryBytes).toBeGreaterThan(1.8 * GIB)
    expect(memoryFrom).toBe('30 runs of sort x @0 (before: default)')
    expect(threads).toBeGreaterThan(1.8)
    expect(threadsFrom).toBe('30 runs of sort x @0 (before: default)')
    expect(lifeMs).toBe(4000)
    await close()
  })

  it('never sends a JVM where its heap does not fit, however little its runs have used', async () => {
    const { demand, run, close } = await open(memoryStore())
    for (let index = 0; index < 30; index += 1) run('java -Xmx2g Main', peak(100 * MIB))
    expect(demand('java -Xmx2g Main').memoryBytes).toBeLessThan(GIB / 2)
    const onSmall = demand('java -Xmx2g Main', node(2, { memoryTotalBytes: GIB }))
    expect(onSmall.memoryBytes).toBeGreaterThan(2 * GIB)
    await close()
  })

  it('gives a command more memory after it was killed for memory', async () => {
    const { demand, run, close } = await open(memoryStore())
    for (const command of ['sort x', 'java Main', 'java -Xmx64m Other']) {
      const before = demand(command)
      run(command, { ending: { exitStatus: null, signal: 'SIGKILL', oomKilled: true } })
      const after = demand(command)
      expect(after.memoryBytes).toBeGreaterThanOrEqual(1.4 * before.memoryBytes)
      if (before.memoryMaxBytes !== null)
        expect(after.memoryMaxBytes).toBe(Math.round(1.5 * before.memoryMaxBytes))
      expect(after.memoryFrom).toContain('times 1.50 after runs killed for memory')
    }
    await close()
  })

  it('tells what it learned, and forgets what it is told to', async () => {
    const { run, histories, forget, demand, close } = await open(memoryStore())
    run('sort x', peak(2 * GIB))
    const views = histories()
    expect(HistoryView.array().parse(views)).toEqual(views)
    expect(views.map(({ key }) => key)).toEqual(['sort x @0', 'sort', '/'])
    expect(views[0]).toMatchObject({ runs: 1, threads: 2, memoryBytes: 2 * GIB, lifeMs: 4000, ooms: 0 })
    for (const { key } of views) expect(await forget(key)).toBe(true)
    expect(await forget('sort x @0')).toBe(false)
    expect(histories()).toEqual([])
    expect(demand('sort x').memoryFrom).toBe('default')
    await close()
  })

  it('ignores a process of which nothing is known', async () => {
    const { ended, histories, close } = await open(memoryStore())
    ended(endedRecord(), demandOf(''), observed)
    ended(endedRecord({ state: 'lost' }), demandOf('sort @0'), observed)
    expect(histories()).toEqual([])
    await close()
  })
})

describe('what was learned', () => {
  it('is there again after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'godwit-learning-'))
    try {
      const path = join(folder, 'state.db')
      const store = openSqliteStore({ path, now: () => 0 })
      const first = await open(store)
      for (let index = 0; index < 5; index += 1) first.run('java -jar /srv/a b.jar', peak(2 * GIB))
      const views = first.histories()
      await first.close()
      await store.close()
      const again = openSqliteStore({ path, now: () => 0 })
      const second = await open(again)
      expect(new Set(second.histories())).toEqual(new Set(views))
      expect(await second.forget('java')).toBe(true)
      await second.close()
      const third = await open(again)
      expect(third.histories().map(({ key }) => key)).not.toContain('java')
      await third.close()
      await again.close()
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('is written once for many runs', async () => {
    const store = memoryStore()
    const { run, close } = await open(store)
    for (let index = 0; index < 100; index += 1) run('sort x')
    await close()
    const entries = await store.list('history/')
    expect(entries.map(({ version }) => version)).toEqual([1, 1, 1])
  })

  it('goes with a node that left for good', async () => {
    const store = memoryStore()
    const { run, nodeForgotten, close } = await open(store)
    for (let index = 0; index < 5; index += 1) run('sort x')
    await close()
    expect(await store.list('node-speed/')).toHaveLength(1)
    nodeForgotten(endedRecord().node)
    await close()
    expect(await store.list('node-speed/')).toEqual([])
  })

  it('is not lost by a record that does not fit', async () => {
    const store = memoryStore()
    await store.transact([], [{ kind: 'put', key: 'history/odd', value: { runs: 'many' } }])
    const { run, histories, close } = await open(store)
    run('sort x')
    expect(histories()).toHaveLength(3)
    await close()
    expect(await store.get('history/odd')).toBeDefined()
  })

  it('is written when the disk is back', async () => {
    const store = memoryStore()
    let isBroken = true
    const flaky: Store = {
      ...store,
      transact: (...args) => (isBroken ? Promise.reject(new Error('disk full')) : store.transact(...args)),
    }
    const { run, close } = await open(flaky)
    run('sort x')
    await close()
    expect(await store.list('history/')).toEqual([])
    isBroken = false
    await close()
    expect(await store.list('history/')).toHaveLength(3)
  })
})
