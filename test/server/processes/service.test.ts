import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { Mac } from '../../../config/values/mac.ts'
import { NodeId, ProcessId } from '../../../config/values/node-id.ts'
import type { RunRequest } from '../../../protocol/admin.ts'
import { type Decision, Demand } from '../../../protocol/decision.ts'
import type { Log } from '../../../protocol/log.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
import { TICKET_ISSUER, TicketClaims } from '../../../protocol/ticket.ts'
import { createTicketSigner, ticketKeyOf } from '../../../server/cluster/io/ticket-key.ts'
import type { PlaceInput, Placer, PlacingNode } from '../../../server/processes/placing.ts'
import { type ProcessesOptions, startProcesses } from '../../../server/processes/service.ts'
import { createMemoryStore } from '../../../server/store/memory.ts'
import { openSqliteStore } from '../../../server/store/sqlite.ts'
import type { Store } from '../../../server/store/store.ts'

const SECRET = randomBytes(32)
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
const nodeId = NodeId.parse('n-525400770001')
const usage = { cpuSeconds: 1, memoryBytes: 100, peakMemoryBytes: 200, threads: 12, peakThreads: 14 }
const ending = { exitStatus: 0, signal: null, oomKilled: false }
const request: RunRequest = {
  command: ['java', '-jar', 'app.jar'],
  specSha256: 'a'.repeat(64),
  home: 'server',
  uid: 0,
  env: {},
}
const GIB = 2 ** 30

const node: PlacingNode = {
  view: {
    id: nodeId,
    name: 'node-770001',
    state: 'ready',
    reason: null,
    draining: false,
    firmware: 'bios',
    mac: Mac.parse('52:54:00:77:00:01'),
    ip: Ipv4.parse('10.77.0.50'),
    image: null,
    boot: { startedAt: 0, readyAt: 1, firmware: 'bios', stages: [] },
    hardware: null,
    speed: { single: 1, all: 2 },
    load: null,
    home: null,
    processes: 0,
    lastSeenAt: 0,
  },
  kernelBootId: 'kernel-1',
  agentPort: 7444,
  present: true,
  connected: true,
  reportedAtMs: 0,
}

/** The smallest honest placement: the first node that two processes of 1 GiB still leave room on. */
class TwoEach implements Placer {
  readonly held = new Set<ProcessRecord>()
  readonly #nodes: () => readonly PlacingNode[]

  constructor(nodes: () => readonly PlacingNode[]) {
    this.#nodes = nodes
  }

  place({ id, request: { command }, without, atMs, seed }: PlaceInput): Decision {
    const nodes = this.#nodes()
    const demand = Demand.parse({
      threads: 2,
      memoryBytes: GIB,
      memoryMaxBytes: 2 * GIB,
      threadsFrom: 'test',
      memoryFrom: 'test',
    })
    const count = (on: NodeId) => [...this.held].filter(record => record.node === on).length
    const fits = nodes.filter(({ view }) => view.id !== without && count(view.id) < 2)
    const candidates = fits.map(({ view }) => ({
      node: view.id,
      name: view.name,
      demand,
      score: 1,
      terms: { stretch: 1 },
    }))
    const filtered = nodes
      .filter(item => !fits.includes(item))
      .map(({ view }) => ({ node: view.id, name: view.name, reason: 'memory', detail: 'needs 1 GiB' }))
    return { process: id, command, atMs, seed, chosen: candidates[0]?.node ?? null, candidates, filtered }
  }

  prospect(): undefined {}

  watch(): void {}

  hold(record: ProcessRecord): void {
    this.held.add(record)
  }

  release({ id }: ProcessRecord): void {
    for (const record of this.held) if (record.id === id) this.held.delete(record)
  }

  report(): void {}
}

type World = {
  nodes: readonly PlacingNode[]
  nowMs: number
  killed: string[]
  readonly store: Store
  readonly placer: TwoEach
}

function newWorld(store?: Store): World {
  const world: World = {
    nodes: [node],
    nowMs: Date.now(),
    killed: [],
    store: store ?? createMemoryStore({ now: () => world.nowMs }),
    placer: new TwoEach(() => world.nodes),
  }
  return world
}

function start(world: World, change: Partial<ProcessesOptions> = {}) {
  return startProcesses({
    store: world.store,
    sign: createTicketSigner(SECRET),
    placer: world.placer,
    node: id => world.nodes.find(({ view }) => view.id === id),
    kill: async (_node, id, signal) => void world.killed.push(`${id} ${signal}`),
    output: async () => ({ next: 0, droppedBytes: 0, ended: true, pieces: [] }),
    now: () => world.nowMs,
    random: randomBytes,
    log: silent,
    count: () => {},
    ...change,
  })
}

type Service = Awaited<ReturnType<typeof start>>

async function run(processes: Service, change: Partial<RunRequest> = {}) {
  const answer = await processes.run({ ...request, ...change })
  if (answer.kind !== 'granted') throw new Error(answer.message)
  return answer.grant
}

const running = (id: ProcessId) => ({ id, pid: 42, startedAtMs: 5, usage })
const end = (id: ProcessId) => ({
  type: 'process-ended' as const,
  id,
  startedAtMs: 5,
  endedAtMs: 9,
  ending,
  usage,
})

test('a run is on disk, with its decision, before its ticket leaves; the ticket says what it is for', async () => {
  const world = newWorld()
  const processes = await start(world)
  const grant = await run(processes)
  expect((await world.store.list('')).map(({ key }) => key).sort()).toEqual([
    `decision/${grant.process}`,
    `process/${grant.process}`,
  ])
  expect(grant).toMatchObject({
    node: { id: nodeId, name: 'node-770001', address: '10.77.0.50', port: 7444 },
    reason: 'node-770001: the only node that fits (score 1.00)',
  })
  const { payload } = await jwtVerify(
    grant.ticket,
    ticketKeyOf(SECRET, node.view.id, node.kernelBootId ?? ''),
    {
      algorithms: ['HS256'],
      issuer: TICKET_ISSUER,
    },
  )
  expect(TicketClaims.parse(payload)).toEqual({
    jti: grant.process,
    sub: nodeId,
    bootId: 'kernel-1',
    specSha256: request.specSha256,
    memoryBytes: GIB,
    memoryMaxBytes: 2 * GIB,
    threads: 2,
  })
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
  expect(await processes.why(grant.process)).toMatchObject({ chosen: nodeId, process: grant.process })
})

test('runs at the same moment do not promise the same memory twice', async () => {
  const world = newWorld()
  const processes = await start(world)
  const answers = await Promise.all(Array.from({ length: 5 }, () => processes.run(request)))
  expect(answers.filter(({ kind }) => kind === 'granted')).toHaveLength(2)
  expect(answers.find(({ kind }) => kind === 'refused')).toMatchObject({
    code: 'GW_NO_PLACE',
    message: 'none of 1 nodes can take java',
    details: ['node-770001: memory: needs 1 GiB'],
  })
})

test('without a machine the refusal says so', async () => {
  const world = newWorld()
  world.nodes = []
  const answer = await (await start(world)).run(request)
  expect(answer).toMatchObject({
    code: 'GW_NO_PLACE',
    message: 'no node can take java: no machine has booted yet',
  })
})

test('a store that cannot write gives out no ticket and keeps no memory', async () => {
  const world = newWorld()
  const broken: Store = { ...world.store, transact: () => Promise.reject(new Error('disk full')) }
  const processes = await start(world, { store: broken })
  await expect(processes.run(request)).rejects.toThrow('disk full')
  expect([...world.placer.held]).toEqual([])
})

test('from placed to ended, told once or often', async () => {
  const world = newWorld()
  const processes = await start(world)
  const { process: id } = await run(processes)
  await processes.news.started(nodeId, 'kernel-1', { type: 'process-started', id, pid: 42, startedAtMs: 5 })
  await processes.news.report(nodeId, 'kernel-1', [running(id)])
  expect([...world.placer.held]).toMatchObject([{ id, reservedBytes: GIB, reservedThreads: 2 }])
  await processes.news.ended(nodeId, 'kernel-1', end(id))
  await processes.news.ended(nodeId, 'kernel-1', end(id))
  expect(await processes.get('last')).toMatchObject({ state: 'ended', ending, usage, pid: 42 })
  expect(await processes.list({ all: false })).toEqual([])
  expect(await processes.list({ all: true })).toHaveLength(1)
  expect([...world.placer.held]).toEqual([])
  await expect(processes.kill(id, 'SIGTERM')).rejects.toMatchObject({ code: 'GW_PROCESS_ENDED' })
})

test('start, end and repetition at the same moment come out as ended', async () => {
  const world = newWorld()
  const processes = await start(world)
  const { process: id } = await run(processes)
  await Promise.all([
    processes.news.ended(nodeId, 'kernel-1', end(id)),
    processes.news.started(nodeId, 'kernel-1', { type: 'process-started', id, pid: 42, startedAtMs: 5 }),
    processes.news.report(nodeId, 'kernel-1', [running(id)]),
    processes.news.lost(nodeId, 'silent'),
    processes.news.ended(nodeId, 'kernel-1', end(id)),
  ])
  expect((await processes.get(id)).state).toBe('ended')
  expect([...world.placer.held]).toEqual([])
})

test('kill goes to the node of the process', async () => {
  const world = newWorld()
  const processes = await start(world)
  const { process: id } = await run(processes)
  await processes.kill(id.slice(0, 8), 'SIGINT')
  expect(world.killed).toEqual([`${id} SIGINT`])
  await expect(processes.kill('p-nothing', 'SIGINT')).rejects.toMatchObject({ code: 'GW_PROCESS_UNKNOWN' })
})

test('another node, another boot or nobody knows it: not taken, and no error for the agent to repeat', async () => {
  const world = newWorld()
  const processes = await start(world)
  const { process: id } = await run(processes)
  await processes.news.ended(NodeId.parse('n-525400770009'), 'kernel-1', end(id))
  await processes.news.ended(nodeId, 'kernel-0', end(id))
  await processes.news.ended(nodeId, 'kernel-1', end(ProcessId.parse('p-zzzzzzzzzz')))
  expect((await processes.get(id)).state).toBe('placed')
})

test('a refused process frees its memory, and its retry avoids the node', async () => {
  const world = newWorld()
  const processes = await start(world)
  const { process: id } = await run(processes)
  await processes.refused(id, 'GW_EXEC_NOT_FOUND', 'no java here')
  expect(await processes.get(id)).toMatchObject({
    state: 'refused',
    reason: 'no java here (GW_EXEC_NOT_FOUND)',
  })
  expect([...world.placer.held]).toEqual([])
  expect(await processes.run({ ...request, retryOf: id })).toMatchObject({
    kind: 'refused',
    code: 'GW_NO_PLACE',
  })
  const unknown = ProcessId.parse('p-zzzzzzzzzz')
  await expect(processes.refused(unknown, 'X', 'y')).rejects.toMatchObject({ code: 'GW_PROCESS_UNKNOWN' })
})

test('a lost node loses its processes; the same boot may bring them back, another one may not', async () => {
  const world = newWorld()
  const processes = await start(world)
  const { process: first } = await run(processes)
  const { process: second } = await run(processes)
  await processes.news.report(nodeId, 'kernel-1', [running(first), running(second)])
  await processes.news.lost(nodeId, 'node-770001 was silent for 16 s')
  expect(await processes.get(first)).toMatchObject({
    state: 'lost',
    reason: 'node-770001 was silent for 16 s',
  })
  await processes.news.report(nodeId, 'kernel-1', [running(first)])
  expect((await processes.list({ all: false })).map(({ id }) => id)).toEqual([first])
  await processes.news.joined(nodeId, 'kernel-2')
  expect(await processes.get(first)).toMatchObject({ state: 'lost', reason: 'its node was restarted' })
  await processes.news.report(nodeId, 'kernel-2', [running(second)])
  expect((await processes.get(second)).state).toBe('lost')
})

test('what two reports in a row leave out is lost; what nobody fetched is refused', async () => {
  const world = newWorld()
  const processes = await start(world)
  const { process: id } = await run(processes)
  const { process: unused } = await run(processes)
  await processes.news.report(nodeId, 'kernel-1', [running(id)])
  await processes.news.report(nodeId, 'kernel-1', [])
  expect((await processes.get(id)).state).toBe('running')
  await processes.news.report(nodeId, 'kernel-1', [])
  expect((await processes.get(id)).state).toBe('lost')
  world.nowMs += 91_000
  await processes.news.report(nodeId, 'kernel-1', [])
  expect(await processes.get(unused)).toMatchObject({
    state: 'refused',
    reason: 'nobody used its ticket in time',
  })
})

test('a server that starts again finds its processes; those whose node is gone are written off', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gw-processes-'))
  const open = () => openSqliteStore({ path: join(folder, 'state.db'), now: Date.now })
  const before = newWorld(open())
  const first = await start(before)
  const { process: id } = await run(first)
  await first.news.report(nodeId, 'kernel-1', [running(id)])
  await before.store.close()

  const same = newWorld(open())
  const second = await start(same)
  expect(await second.list({ all: false })).toMatchObject([{ id, state: 'running', pid: 42 }])
  await second.news.report(nodeId, 'kernel-1', [running(id)])
  expect([...same.placer.held]).toMatchObject([{ id, reservedThreads: 2 }])
  await same.store.close()

  const rebooted = newWorld(open())
  rebooted.nodes = [{ ...node, kernelBootId: 'kernel-2' }]
  const third = await start(rebooted)
  expect(await third.get(id)).toMatchObject({ state: 'lost', reason: 'its node was restarted' })
  await rebooted.store.close()
  await rm(folder, { recursive: true })
})

test('a process that has a name is found by it, the latest of that name', async () => {
  const world = newWorld()
  const processes = await start(world)
  await run(processes, { name: 'nightly' })
  world.nowMs += 1
  const { process: later } = await run(processes, { name: 'nightly' })
  expect(await processes.get('nightly')).toMatchObject({ id: later, name: 'nightly' })
})

test('a program is started again for a process that is over, and for no other', async () => {
  const world = newWorld()
  const processes = await start(world)
  const { process: former } = await run(processes)
  await expect(run(processes, { rerunOf: former })).rejects.toMatchObject({ code: 'GW_BAD_MESSAGE' })
  await processes.news.lost(nodeId, 'it was lost')
  const { process: again } = await run(processes, { rerunOf: former })
  expect(await processes.get(again)).toMatchObject({ rerunOf: former, retryOf: null, placements: 1 })
})

test('the output of a detached process is asked of its node; there is none of another', async () => {
  const world = newWorld()
  const asked: unknown[] = []
  const nothing = { next: 0, droppedBytes: 0, ended: false, pieces: [] }
  const output = async (...question: readonly unknown[]) => {
    asked.push(question)
    return nothing
  }
  const processes = await start(world, { output })
  const { process: attached } = await run(processes)
  await expect(processes.output(attached, { from: 0, waitMs: 0 })).rejects.toMatchObject({
    code: 'GW_NO_OUTPUT',
  })
  const { process: id } = await run(processes, { detached: true, name: 'nightly' })
  expect(await processes.output('nightly', { from: 'end', waitMs: 5 })).toEqual(nothing)
  expect(asked).toEqual([[nodeId, id, { from: 'end', waitMs: 5 }]])
  expect(await processes.get(id)).toMatchObject({ detached: true })
})

test('a process whose time is over is ended, also after a restart of the server; failing is tried again', async () => {
  const world = newWorld()
  const { process: id } = await run(await start(world), { timeoutMs: 5000 })
  const failing = await start(world, { kill: async () => Promise.reject(new Error('away')) })
  await failing.news.report(nodeId, 'kernel-1', [running(id)])
  world.nowMs += 5000
  await failing.endOverdue()
  await failing.endOverdue()
  const after = await start(world)
  await after.endOverdue()
  await after.endOverdue()
  world.nowMs += 10_000
  await after.endOverdue()
  expect(world.killed).toEqual([`${id} SIGTERM`, `${id} SIGKILL`])
  expect(await after.get(id)).toMatchObject({ state: 'running', reason: 'its --timeout of 5 s was over' })
})
