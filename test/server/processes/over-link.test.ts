import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProcessId } from '../../../config/values/node-id.ts'
import { type Decision, Demand } from '../../../protocol/decision.ts'
import type { OnEnded } from '../../../server/processes/node-news.ts'
import type { PlaceInput } from '../../../server/processes/placing.ts'
import { startProcesses } from '../../../server/processes/service.ts'
import {
  connectAgent,
  hello,
  joinNode,
  makeIdentity,
  type Scene,
  settled,
  silent,
  startScene,
  type TestIdentity,
} from '../cluster/scene.ts'

let identity: TestIdentity
beforeAll(async () => {
  identity = await makeIdentity()
})
afterAll(() => identity.remove())

/** On the first node there is. */
function placedAnywhere({ id, request, atMs, seed }: PlaceInput, scene: Scene): Decision {
  const demand = Demand.parse({
    threads: 1,
    memoryBytes: 1,
    memoryMaxBytes: null,
    threadsFrom: 'test',
    memoryFrom: 'test',
    key: 'true @0',
  })
  const nodes = scene.cluster.snapshot()
  const candidates = nodes.map(({ view }) => ({
    node: view.id,
    name: view.name,
    demand,
    score: 0,
    terms: {},
  }))
  const chosen = candidates[0]?.node ?? null
  return { process: id, command: request.command, atMs, seed, chosen, candidates, filtered: [] }
}

/** Cluster and processes composed as the server's main does. */
async function compose(scene: Scene, onEnded: OnEnded = () => {}) {
  const processes = await startProcesses({
    store: scene.store,
    sign: identity.signTicket,
    placer: {
      place: input => placedAnywhere(input, scene),
      prospect: () => undefined,
      watch() {},
      hold() {},
      release() {},
      report() {},
    },
    node: scene.cluster.clusterNode,
    kill: scene.cluster.kill,
    output: scene.cluster.output,
    onEnded,
    now: () => scene.clock.nowMs,
    random: randomBytes,
    log: silent,
    count: () => {},
  })
  scene.cluster.subscribe(processes.news)
  return processes
}

const request = { command: ['true'], specSha256: 'b'.repeat(64), home: 'server', uid: 0, env: {} }
const usage = { cpuSeconds: 1, memoryBytes: null, peakMemoryBytes: null, threads: 1, peakThreads: 1 }
const ending = { exitStatus: 7, signal: null, oomKilled: false }

test('a process outlives its server: started, server gone, announced again, its end acknowledged', async () => {
  const first = await startScene({ identity })
  const before = await compose(first)
  const { agent, credentials } = await joinNode(first, identity)
  await settled(first, agent)
  const answer = await before.run(request)
  if (answer.kind !== 'granted') throw new Error(answer.message)
  const { process: id } = answer.grant
  agent.send({ type: 'process-started', id, pid: 42, startedAtMs: 5 })
  expect(await agent.next()).toEqual({ type: 'ack', id, of: 'process-started' })
  await first.stop()

  const second = await startScene({ identity, store: first.store, clock: first.clock })
  const after = await compose(second)
  expect(await after.list({ all: false })).toMatchObject([{ id, state: 'running' }])
  const back = await connectAgent(second.port, identity.caCertPem, credentials)
  back.send(hello())
  expect((await back.next()).type).toBe('welcome')
  await settled(second, back, [{ id, pid: 42, startedAtMs: 5, usage }])
  back.send({ type: 'process-ended', id, startedAtMs: 5, endedAtMs: 9, ending, usage })
  expect(await back.next()).toEqual({ type: 'ack', id, of: 'process-ended' })
  expect(await after.get('last')).toMatchObject({ id, state: 'ended', ending })
  await second.stop()
})

test('what cannot be stored is not acknowledged; what is not ours is', async () => {
  const scene = await startScene({ identity })
  const processes = await compose(scene)
  const { agent, credentials } = await joinNode(scene, identity)
  await settled(scene, agent)
  const foreign = ProcessId.parse('p-zzzzzzzzzz')
  agent.send({ type: 'process-ended', id: foreign, startedAtMs: 5, endedAtMs: 9, ending, usage })
  expect(await agent.next()).toEqual({ type: 'ack', id: foreign, of: 'process-ended' })

  const answer = await processes.run(request)
  if (answer.kind !== 'granted') throw new Error(answer.message)
  const { process: id } = answer.grant
  const { ended } = processes.news
  processes.news.ended = () => Promise.reject(new Error('disk full'))
  agent.send({ type: 'process-ended', id, startedAtMs: 5, endedAtMs: 9, ending, usage })
  expect(await agent.next()).toMatchObject({ type: 'closed', reason: expect.stringContaining('come back') })
  expect(scene.counted.get('link: message not stored')).toBe(1)
  processes.news.ended = ended
  const back = await connectAgent(scene.port, identity.caCertPem, credentials)
  back.send(hello())
  expect((await back.next()).type).toBe('welcome')
  back.send({ type: 'process-ended', id, startedAtMs: 5, endedAtMs: 9, ending, usage })
  expect(await back.next()).toEqual({ type: 'ack', id, of: 'process-ended' })
  await scene.stop()
})

test('the end of a process is heard once, with the demand it was placed by, however often it is told', async () => {
  const scene = await startScene({ identity })
  const heard: string[] = []
  const processes = await compose(scene, (record, { key }) => heard.push(`${record.id} ${key}`))
  const { agent } = await joinNode(scene, identity)
  await settled(scene, agent)
  const answer = await processes.run(request)
  if (answer.kind !== 'granted') throw new Error(answer.message)
  const { process: id } = answer.grant
  for (let time = 0; time < 3; time += 1) {
    agent.send({ type: 'process-ended', id, startedAtMs: 5, endedAtMs: 9, ending, usage })
    expect(await agent.next()).toEqual({ type: 'ack', id, of: 'process-ended' })
  }
  expect(heard).toEqual([`${id} true @0`])
  await scene.stop()
})
