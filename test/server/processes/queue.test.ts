import { describe, expect, it } from 'vitest'
import { NodeView } from '../../../protocol/node.ts'
import type { PlaceInput, PlacingNode } from '../../../server/processes/placing.ts'
import { Queue } from '../../../server/processes/queue.ts'
import type { Attempt, RunAnswer } from '../../../server/processes/try-place.ts'
import { nodeId, processId } from '../placement/fixtures.ts'

const GIB = 2 ** 30

/** One node of `room` GiB; time passes by hand. */
class Scene {
  room = 0
  nowMs = 1000
  hopeless = false
  readonly granted: number[] = []
  readonly asked: PlaceInput[] = []
  readonly #timers: { dueMs: number; work: () => void }[] = []
  readonly node: PlacingNode = {
    view: NodeView.parse({
      ...{
        id: nodeId(1),
        name: 'node-1',
        state: 'ready',
        reason: null,
        firmware: null,
        mac: '52:54:00:00:00:01',
      },
      ...{ ip: '10.0.0.1', image: null, boot: { startedAt: 0, readyAt: 1, firmware: null, stages: [] } },
      ...{ hardware: null, speed: null, load: null, home: null, processes: 0, lastSeenAt: 0 },
    }),
    ...{ kernelBootId: 'boot', agentPort: 1, present: true, connected: true, reportedAtMs: 0 },
  }
  readonly queue = new Queue({
    attempt: input => this.#attempt(input),
    placer: {
      prospect: input =>
        this.hopeless ? undefined : { node: nodeId(1), memoryBytes: input.request.memoryBytes ?? 0 },
    },
    node: () => this.node,
    after: (delayMs, work) => {
      const timer = { dueMs: this.nowMs + delayMs, work }
      this.#timers.push(timer)
      return () => void this.#timers.splice(this.#timers.indexOf(timer), this.#timers.includes(timer) ? 1 : 0)
    },
    now: () => this.nowMs,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    count: () => {},
  })

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms
    for (const timer of this.#timers.filter(({ dueMs }) => dueMs <= this.nowMs)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1)
      timer.work()
    }
    await Promise.resolve()
  }

  /** There is room for this much now. */
  async free(gib: number): Promise<void> {
    this.room = gib
    this.queue.stir()
    await this.pass(20)
  }

  /** Process `n` asks for so much. */
  ask(n: number, gib: number, changes: Partial<PlaceInput> = {}) {
    const stop = new AbortController()
    const told: string[] = []
    const request = {
      ...{
        command: ['java'],
        specSha256: 'a'.repeat(64),
        home: 'office',
        uid: 0,
        env: {},
        memoryBytes: gib * GIB,
      },
    }
    const input = {
      id: processId(n),
      request,
      without: null,
      kept: null,
      atMs: this.nowMs,
      seed: n,
      ...changes,
    }
    const wait = {
      signal: stop.signal,
      onWaiting: ({ message }: { message: string }) => void told.push(message),
    }
    const answer = this.queue.enter(input, wait)
    answer.catch(() => {})
    return { answer, told, stop }
  }

  #attempt(input: PlaceInput): Attempt {
    this.asked.push(input)
    const wanted = (input.request.memoryBytes ?? 0) / GIB
    const decision = {
      ...{ process: input.id, command: [], atMs: 0, seed: 0, chosen: null },
      candidates: [],
      filtered: [],
    }
    if (wanted > this.room || input.kept !== null || input.without !== null) {
      const refusal = {
        kind: 'refused' as const,
        code: 'GW_NO_PLACE' as const,
        message: 'none',
        details: [],
        decision,
      }
      return { kind: 'refused', answer: refusal }
    }
    this.room -= wanted
    this.granted.push(Number(input.id.slice(2)))
    return { kind: 'placing', answer: Promise.resolve({ kind: 'granted' } as RunAnswer) }
  }
}

describe('a run that finds no memory', () => {
  it('waits, is told after 200 ms what for and where it stands, and goes on when there is room', async () => {
    const scene = new Scene()
    const first = scene.ask(1, 12)
    const second = scene.ask(2, 8)
    await scene.pass(199)
    expect(first.told).toEqual([])
    await scene.pass(1)
    expect(first.told).toEqual(['waiting for 12 GiB on any node (position 1), ^C cancels'])
    expect(second.told).toEqual(['waiting for 8 GiB on any node (position 2), ^C cancels'])
    await scene.free(12)
    expect(await first.answer).toMatchObject({ kind: 'granted' })
    expect(second.told.at(-1)).toContain('(position 1)')
    await scene.free(8)
    expect(await second.answer).toMatchObject({ kind: 'granted' })
    expect(scene.granted).toEqual([1, 2])
  })

  it('is refused at once when it would wait in vain, or may not wait', async () => {
    const scene = new Scene()
    scene.ask(1, 1)
    const { request } = scene.asked[0] as PlaceInput
    const input = { id: processId(2), request, without: null, kept: null, atMs: scene.nowMs, seed: 2 }
    expect(await scene.queue.enter(input, undefined)).toMatchObject({ code: 'GW_NO_PLACE' })
    scene.hopeless = true
    expect(await scene.ask(3, 1).answer).toMatchObject({ code: 'GW_NO_PLACE' })
  })

  it('is refused when what it waited for is gone', async () => {
    const scene = new Scene()
    const one = scene.ask(1, 4)
    scene.hopeless = true
    await scene.free(0)
    expect(await one.answer).toMatchObject({ kind: 'refused' })
  })

  it('leaves the line when its asker goes, and the others move up', async () => {
    const scene = new Scene()
    const first = scene.ask(1, 12)
    const second = scene.ask(2, 8)
    await scene.pass(200)
    first.stop.abort(new Error('gone'))
    await expect(first.answer).rejects.toThrow('gone')
    expect(second.told.at(-1)).toContain('(position 1)')
    await scene.free(20)
    expect(scene.granted).toEqual([2])
  })

  it('keeps its place when it comes back after a restart', async () => {
    const scene = new Scene()
    scene.ask(1, 4)
    scene.nowMs += 1000
    const { request } = scene.asked[0] as PlaceInput
    scene.ask(2, 4, { request: { ...request, waitingSinceMs: 500 } })
    await scene.free(4)
    expect(scene.granted).toEqual([2])
  })

  it('asks a node that refused again only after its next report', async () => {
    const scene = new Scene()
    scene.room = 4
    const one = scene.ask(1, 4, { without: nodeId(1) })
    await scene.free(4)
    expect(scene.granted).toEqual([])
    Object.assign(scene.node, { reportedAtMs: scene.nowMs })
    await scene.free(4)
    expect(await one.answer).toMatchObject({ kind: 'granted' })
  })
})

it('smaller ones pass sixteen times, then the node is kept for the first', async () => {
  const scene = new Scene()
  const large = scene.ask(0, 12)
  for (let n = 1; n <= 20; n += 1) {
    scene.room = 1
    scene.ask(n, 1)
  }
  expect(scene.granted).toEqual(Array.from({ length: 16 }, (_, index) => index + 1))
  expect(scene.asked.at(-1)?.kept).toBe(nodeId(1))
  await scene.free(1)
  expect(scene.granted).toHaveLength(16)
  await scene.free(13)
  expect(await large.answer).toMatchObject({ kind: 'granted' })
  expect(scene.granted).toEqual([...Array.from({ length: 16 }, (_, index) => index + 1), 0, 17])
})
