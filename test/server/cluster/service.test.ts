import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Mac } from '../../../config/values/mac.ts'
import { ProcessId } from '../../../config/values/node-id.ts'
import { Output } from '../../../protocol/output.ts'
import { openSqliteStore } from '../../../server/store/sqlite.ts'
import {
  connectAgent,
  hello,
  joinNode,
  mac,
  makeIdentity,
  settled,
  startScene,
  type TestIdentity,
} from './scene.ts'

let identity: TestIdentity
beforeAll(async () => {
  identity = await makeIdentity()
})
afterAll(() => identity.remove())

const id = ProcessId.parse('p-0123456789')

test('boot events make a node; those that only an agent may tell are not taken from the wire', async () => {
  const scene = await startScene({ identity })
  const atMs = scene.clock.nowMs
  scene.cluster.bootEvent({ mac, stage: 'dhcp-offer', atMs, firmware: 'uefi' })
  scene.cluster.bootEvent({ mac, stage: 'ready', atMs: atMs + 1 })
  expect(scene.cluster.nodes()).toMatchObject([
    {
      name: 'node-770001',
      state: 'booting',
      firmware: 'uefi',
      boot: { readyAt: null, stages: [{ name: 'dhcp-offer' }] },
    },
  ])
  await scene.stop()
})

test('invented machines neither fill the store nor lock a real one out', async () => {
  const scene = await startScene({ identity })
  await joinNode(scene, identity)
  for (let n = 0; n < 1100; n++) {
    const invented = Mac.parse(
      `02:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`,
    )
    scene.clock.nowMs += 1
    scene.cluster.bootEvent({ mac: invented, stage: 'dhcp-offer', atMs: scene.clock.nowMs })
    if (n === 1000) await scene.cluster.sweep()
  }
  const real = Mac.parse('52:54:00:77:00:02')
  await scene.cluster.prepareBoot({ mac: real, firmware: 'bios' })
  expect(scene.cluster.nodes()).toHaveLength(1 + 1024)
  expect(scene.cluster.node('node-770001')?.state).toBe('ready')
  expect(scene.cluster.node('node-770002')?.state).toBe('booting')
  expect(scene.cluster.node('node-000000')).toBeUndefined() // the one not seen for longest
  expect(await scene.store.list('node/')).toHaveLength(1 + 1024)
  expect(scene.counted.get('cluster: too many machines that never joined')).toBe(77)
  await scene.stop()
})

test('a silent node is lost after its grace, its processes are told, and it may come back', async () => {
  const scene = await startScene({ identity })
  const { agent, credentials } = await joinNode(scene, identity)
  await settled(scene, agent)
  const told: string[] = []
  const note = (word: string) => async () => void told.push(word)
  scene.cluster.subscribe({
    joined: note('joined'),
    lost: async (_node, reason) => void told.push(reason),
    started: note('started'),
    ended: note('ended'),
    report: note('report'),
  })
  for (let second = 1; second <= 15; second++) {
    scene.clock.nowMs += 1000
    await scene.cluster.sweep()
  }
  expect(scene.cluster.node('node-770001')?.state).toBe('ready')
  scene.clock.nowMs += 1000
  await scene.cluster.sweep()
  expect(scene.cluster.node('node-770001')).toMatchObject({ state: 'lost', reason: 'silent for 16 s' })
  expect(scene.cluster.node('node-770001')?.load).toBeNull()
  expect(told).toEqual(['node-770001 was silent for 16 s'])
  expect(await agent.next()).toMatchObject({ type: 'closed', reason: 'silent for too long' })
  const back = await connectAgent(scene.port, identity.caCertPem, credentials)
  back.send(hello())
  expect((await back.next()).type).toBe('welcome')
  expect(scene.cluster.node('node-770001')?.state).toBe('ready')
  await scene.stop()
})

test('time in which the server itself was stopped is not held against the nodes', async () => {
  const scene = await startScene({ identity })
  const { agent } = await joinNode(scene, identity)
  await settled(scene, agent)
  await scene.cluster.sweep()
  scene.clock.nowMs += 3600_000
  await scene.cluster.sweep()
  expect(scene.cluster.node('node-770001')?.state).toBe('ready')
  await scene.stop()
})

test('with manual approval a node waits, is told when it may work, and stays approved', async () => {
  const scene = await startScene({ identity, config: { cluster: { approval: 'manual' } } })
  const { agent } = await joinNode(scene, identity)
  await settled(scene, agent)
  expect(scene.cluster.node('node-770001')?.state).toBe('pending')
  await scene.cluster.approve('node-770001')
  expect(await agent.next()).toEqual({ type: 'state', state: 'ready' })
  expect(scene.cluster.node('node-770001')?.state).toBe('ready')
  await expect(scene.cluster.approve('fridge')).rejects.toMatchObject({ code: 'GW_NODE_UNKNOWN' })
  await scene.stop()
})

test('a drained node says so, to people and to who follows the nodes, and after a restart', async () => {
  const scene = await startScene({ identity })
  const seen: string[] = []
  scene.cluster.watch(
    ({ name, draining, load }) =>
      void seen.push(`${name}${draining ? ' drains' : ''}${load === null ? '' : ' reports'}`),
    () => {},
  )
  const { agent } = await joinNode(scene, identity)
  await settled(scene, agent)
  expect(seen.at(-1)).toBe('node-770001 reports')
  await scene.cluster.drain('node-770001', true)
  expect(seen.at(-1)).toBe('node-770001 drains reports')
  const reason = 'takes no new processes: godwit node resume node-770001'
  expect(scene.cluster.node('node-770001')).toMatchObject({ state: 'ready', draining: true, reason })
  await scene.stop()
  const second = await startScene({ identity, store: scene.store, clock: scene.clock })
  expect(second.cluster.node('node-770001')).toMatchObject({ draining: true })
  await second.cluster.drain('node-770001', false)
  expect(second.cluster.node('node-770001')).toMatchObject({ draining: false })
  await expect(second.cluster.drain('fridge', true)).rejects.toMatchObject({ code: 'GW_NODE_UNKNOWN' })
  await second.stop()
})

test('the output of a process is asked of its agent, which may take the time it was given', async () => {
  const scene = await startScene({ identity })
  const { agent } = await joinNode(scene, identity)
  await settled(scene, agent)
  const [node] = scene.cluster.nodes()
  if (node === undefined) throw new Error('no node')
  const output = {
    next: 7,
    droppedBytes: 0,
    ended: true,
    pieces: [{ stream: 'stdout', atMs: 1, data: 'aGk=' }],
  }
  const told = scene.cluster.output(node.id, id, { from: 'end', waitMs: 20 })
  const order = await agent.next()
  expect(order).toEqual({ type: 'output-asked', requestId: 1, id, from: 'end', waitMs: 20 })
  agent.send({ type: 'answer', requestId: 1, output: Output.parse(output) })
  expect(await told).toEqual(output)
  const none = scene.cluster.output(node.id, id, { from: 0, waitMs: 0 })
  await agent.next()
  agent.send({ type: 'answer', requestId: 2, error: 'its node keeps no output of it' })
  await expect(none).rejects.toMatchObject({ code: 'GW_NO_OUTPUT' })
  await scene.stop()
})

test('kill reaches the agent and brings back its answer', async () => {
  const scene = await startScene({ identity })
  const { agent } = await joinNode(scene, identity)
  await settled(scene, agent)
  const node = scene.cluster.node('node-770001')
  if (node === undefined) throw new Error('no node')
  const fine = scene.cluster.kill(node.id, id, 'SIGTERM')
  const order = await agent.next()
  expect(order).toEqual({ type: 'kill', requestId: 1, id, signal: 'SIGTERM' })
  agent.send({ type: 'answer', requestId: 1 })
  await fine
  const refused = scene.cluster.kill(node.id, id, 'SIGKILL')
  await agent.next()
  agent.send({ type: 'answer', requestId: 2, error: 'no such process here' })
  await expect(refused).rejects.toMatchObject({ code: 'GW_NODE_REFUSED', message: 'no such process here' })
  const cut = scene.cluster.kill(node.id, id, 'SIGKILL')
  await agent.next()
  agent.close()
  await expect(cut).rejects.toMatchObject({ code: 'GW_NODE_OFFLINE' })
  await expect(scene.cluster.kill(node.id, id, 'SIGKILL')).rejects.toMatchObject({ code: 'GW_NODE_OFFLINE' })
  await scene.stop()
})

test('a server that starts again on the same store knows its nodes, which come back without a new join', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gw-restart-'))
  const path = join(folder, 'state.db')
  const clock = { nowMs: Date.now() }
  const now = () => clock.nowMs
  const first = await startScene({ identity, clock, store: openSqliteStore({ path, now }) })
  const { agent, credentials } = await joinNode(first, identity)
  await settled(first, agent)
  await first.stop()
  await first.store.close()

  clock.nowMs += 3600_000 // the server was off for an hour: nobody was silent but the server
  const second = await startScene({ identity, clock, store: openSqliteStore({ path, now }) })
  await second.cluster.sweep()
  expect(second.cluster.node('node-770001')).toMatchObject({
    state: 'ready',
    hardware: { cpu: { cores: 2 } },
  })
  expect(second.cluster.snapshot()).toMatchObject([{ present: true, connected: false }])
  const back = await connectAgent(second.port, identity.caCertPem, credentials)
  back.send(hello())
  expect(await back.next()).toMatchObject({ type: 'welcome', name: 'node-770001', state: 'ready' })
  expect(second.cluster.timeline('node-770001')).toHaveLength(1)

  clock.nowMs += 1000
  await second.cluster.sweep()
  await second.stop()
  await second.store.close()
  const third = await startScene({ identity, clock, store: openSqliteStore({ path, now }) })
  for (let second = 0; second < 16; second++) {
    clock.nowMs += 1000
    await third.cluster.sweep()
  }
  expect(third.cluster.node('node-770001')?.state).toBe('lost') // it had its grace and did not come
  await third.stop()
  await third.store.close()
  await rm(folder, { recursive: true })
})
