import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServerConfig } from '../../config/server.ts'
import type { NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { RunRequest } from '../../protocol/admin.ts'
import { NodeView } from '../../protocol/node.ts'
import { placerByScore } from '../../server/place-process.ts'
import type { PlacingNode } from '../../server/processes/placing.ts'
import { startProcesses } from '../../server/processes/service.ts'
import { createMemoryStore } from '../../server/store/memory.ts'
import { silentLog } from '../fakes/silent-log.ts'
import { nodeId } from './placement/fixtures.ts'

const GIB = 2 ** 30
const NODE_BYTES = 8 * GIB

/** Three equal nodes under the server's own placement and ledger; time passes by hand. */
async function openCluster() {
  const world = { nowMs: 1_000_000, timers: new Set<() => void>() }
  const now = () => world.nowMs
  const placer = placerByScore(ServerConfig.parse({}))
  const nodes = new Map([0, 1, 2].map(n => [nodeId(n), placingNode(n)]))
  const processes = await startProcesses({
    store: createMemoryStore({ now }),
    ...{
      sign: (payload: string) => payload,
      placer,
      now,
      log: silentLog,
      count: () => {},
    },
    node: id => nodes.get(id),
    kill: async () => {},
    output: async () => ({ next: 0, droppedBytes: 0, ended: true, pieces: [] }),
    random: sizeBytes => crypto.getRandomValues(new Uint8Array(sizeBytes)),
    after: (_, work) => {
      world.timers.add(work)
      return () => void world.timers.delete(work)
    },
  })
  const report = (n: number) => {
    const usedBytes = GIB / 2
    const load = { memoryAvailableBytes: NODE_BYTES - usedBytes, memoryTotalBytes: NODE_BYTES }
    placer.nodeChanged({
      ...{ id: nodeId(n), name: `node-${n}`, state: 'ready', draining: false, image: null, hardware: null },
      ...{ speed: { single: 1, all: 4 }, reportedAtMs: world.nowMs },
      load: { atMs: 0, cpuBusy: 0, runnable: 0, ...load, psiCpu: null, psiMemory: null, uptimeSeconds: 1 },
    })
  }
  for (const n of [0, 1, 2]) report(n)
  /** Lets everything happen that is due. */
  const settle = async () => {
    for (let round = 0; round < 3; round += 1) {
      const due = [...world.timers]
      world.timers.clear()
      for (const work of due) work()
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { processes, report, settle, world }
}

function placingNode(n: number): PlacingNode {
  const view = NodeView.parse({
    ...{
      id: nodeId(n),
      name: `node-${n}`,
      state: 'ready',
      reason: null,
      firmware: null,
      mac: '52:54:00:00:00:01',
    },
    ...{ ip: '10.0.0.1', image: null, boot: { startedAt: 0, readyAt: 1, firmware: null, stages: [] } },
    ...{ hardware: null, speed: null, load: null, home: null, processes: 0, lastSeenAt: 0 },
  })
  return { view, kernelBootId: 'boot', agentPort: 1, present: true, connected: true, reportedAtMs: 0 }
}

type Cluster = Awaited<ReturnType<typeof openCluster>>

const request = (gib: number, changes: Partial<RunRequest> = {}): RunRequest => ({
  ...{ command: ['java', 'Main'], specSha256: 'a'.repeat(64), home: 'office', uid: 0, env: {} },
  memoryBytes: Math.floor(gib * GIB),
  ...changes,
})

/** What all processes together were promised on each node. */
async function promised({ processes }: Cluster): Promise<readonly number[]> {
  const bytes = new Map<NodeId, number>()
  for (const { node, reservedBytes } of await processes.list({ all: false }))
    bytes.set(node, (bytes.get(node) ?? 0) + reservedBytes)
  return [...bytes.values()]
}

const ended = (id: ProcessId) => ({
  ...{ type: 'process-ended' as const, id, startedAtMs: 1, endedAtMs: 2 },
  ending: { exitStatus: 0, signal: null, oomKilled: false },
  usage: { cpuSeconds: 1, memoryBytes: 1, peakMemoryBytes: 1, threads: 1, peakThreads: 1 },
})

describe('the server places', () => {
  it('each process once, within the memory of its node, through bursts, refusals, retries and ends', async () => {
    const burst = fc.array(fc.double({ min: 0.1, max: 9, noNaN: true }), { minLength: 1, maxLength: 8 })
    const step = fc.oneof(
      fc.record({ kind: fc.constant('burst' as const), sizes: burst }),
      fc.record({ kind: fc.constant('refuse' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat() }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
        const cluster = await openCluster()
        const { processes } = cluster
        const seen = new Map<ProcessId, NodeId>()
        for (const one of steps) {
          const active = await processes.list({ all: false })
          const chosen = active[one.kind === 'burst' ? 0 : one.which % Math.max(1, active.length)]
          if (one.kind === 'burst') {
            const answers = await Promise.all(one.sizes.map(size => processes.run(request(size))))
            for (const answer of answers) {
              if (answer.kind === 'refused') continue
              expect(seen.has(answer.grant.process)).toBe(false)
              seen.set(answer.grant.process, answer.grant.node.id)
            }
          } else if (chosen !== undefined && one.kind === 'refuse') {
            await processes.refused(chosen.id, 'GW_NODE_REFUSED', 'memory-taken')
            const retry = request(chosen.reservedBytes / GIB, { retryOf: chosen.id })
            const answer = await processes.run(retry)
            if (answer.kind === 'granted') {
              expect(answer.grant.node.id).not.toBe(chosen.node)
              seen.set(answer.grant.process, answer.grant.node.id)
            }
          } else if (chosen !== undefined) {
            await processes.news.ended(chosen.node, 'boot', ended(chosen.id))
          }
          for (const bytes of await promised(cluster)) expect(bytes).toBeLessThanOrEqual(0.95 * NODE_BYTES)
        }
        for (const { id, node, placements } of await processes.list({ all: true })) {
          expect(node).toBe(seen.get(id))
          expect(placements).toBe(1)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('who waits when a process ends, once, and who left never', async () => {
    const cluster = await openCluster()
    const { processes, settle } = cluster
    const ids: ProcessId[] = []
    for (let n = 0; n < 3; n += 1) {
      const answer = await processes.run(request(6))
      if (answer.kind === 'granted') ids.push(answer.grant.process)
    }
    expect(ids).toHaveLength(3)
    const wait = () => {
      const stop = new AbortController()
      const told: number[] = []
      const onWaiting = ({ position }: { position: number }) => void told.push(position)
      return { stop, told, answer: processes.run(request(6), { signal: stop.signal, onWaiting }) }
    }
    const [first, second, third] = [wait(), wait(), wait()]
    first.answer.catch(() => {})
    await settle()
    expect([first.told, second.told, third.told]).toEqual([[1], [2], [3]])
    first.stop.abort(new Error('gone'))
    await expect(first.answer).rejects.toThrow('gone')
    const [one] = await processes.list({ all: false })
    if (one === undefined) throw new Error('nothing runs')
    await processes.news.ended(one.node, 'boot', ended(one.id))
    await settle()
    expect(await second.answer).toMatchObject({ kind: 'granted', grant: { node: { id: one.node } } })
    expect(third.told.at(-1)).toBe(1)
    expect(await processes.list({ all: true })).toHaveLength(4)
    expect(
      await processes.run(request(7.5), { signal: new AbortController().signal, onWaiting() {} }),
    ).toMatchObject({
      kind: 'refused',
      code: 'GW_NO_PLACE',
    })
  })
})
