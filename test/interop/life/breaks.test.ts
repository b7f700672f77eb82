import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../e2e/godwit.ts'
import { whyNoNative } from '../../native/relay.ts'
import { whyNoNamespaces } from '../dhcp-cable.ts'
import { type Cluster, openCluster } from './cluster.ts'
import {
  beginProgram,
  expectLost,
  LOST_LIMIT_MS,
  type Program,
  startProgram,
  WAYS,
  WRITER,
} from './program.ts'

const reason = whyNoNamespaces() ?? whyNoNative()
if (reason !== undefined) console.warn(`tests of breaks are skipped: ${reason}`)

/** A batch of numbered lines each 20 ms, for eight seconds. */
const BATCHES = 400
const BATCH_LINES = 500
const NUMBERS = `n=0; while [ $n -lt ${BATCHES} ]; do n=$((n + 1))
  seq $((n * ${BATCH_LINES} - ${BATCH_LINES - 1})) $((n * ${BATCH_LINES})); sleep 0.02; done`
const batch = (n: number) =>
  Array.from({ length: BATCH_LINES }, (_, at) => `${n * BATCH_LINES + at + 1}\n`).join('')
const sumOf = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')
const ALL = sumOf(Array.from({ length: BATCHES }, (_, n) => batch(n)).join(''))

/** Each starts several programs by several ways, which on a busy machine is most of the time. */
const OPTIONS = { timeout: 180_000 }

/** docs/run.md, "When something dies": the network and the server, which take nothing of a run along for a while. */
describe.skipIf(reason !== undefined)('while a process writes', OPTIONS, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await openCluster('lb')
  })
  afterAll(() => cluster?.close())

  /** A process that gets numbered lines from home, sends them back, and is slow enough for something to happen. */
  const startEcho = async (way: (typeof WAYS)[number]) => {
    const program = await startProgram(cluster, way, 'cat; exit 6')
    const { stdin } = program.run.child
    const fed = (async () => {
      for (let n = 0; n < BATCHES; n += 1) {
        if (stdin?.write(batch(n)) === false) await new Promise(resolve => stdin.once('drain', resolve))
        await sleep(20)
      }
      stdin?.end()
    })()
    return { program, fed }
  }

  const expectWhole = async (program: Program, status: number) => {
    const end = await program.ended
    expect([program.way, end.status, end.stderr]).toEqual([program.way, status, ''])
    expect(sumOf(end.stdout)).toBe(ALL)
    expect(await program.is('ended')).toMatchObject({ placements: 1, ending: { exitStatus: status } })
    await program.isGone()
  }

  test('the network is gone for 5 s: nothing ends, and not one octet is lost or doubled', async () => {
    const [node] = cluster.machines
    const echoes = await Promise.all(WAYS.map(startEcho))
    const writers = await Promise.all(WAYS.map(way => startProgram(cluster, way, `${NUMBERS}; exit 5`)))
    node.host.unplug()
    await sleep(5000)
    node.host.plug()
    for (const writer of writers) await expectWhole(writer, 5)
    for (const { program } of echoes) await expectWhole(program, 6)
  })

  test('the network is gone for 60 s: the process ends, and so does its deputy, within 15 s', async () => {
    const [node] = cluster.machines
    const programs = await Promise.all(WAYS.map(way => startProgram(cluster, way, WRITER)))
    const stubborn = await startProgram(cluster, 'direct', `trap "" TERM; ${WRITER}`)
    // A reader who takes nothing must not keep its deputy.
    const stalled = await startProgram(cluster, 'direct', 'yes')
    stalled.run.child.stdout?.pause()
    const cutAtMs = performance.now()
    node.host.unplug()
    const waitMs = (untilMs: number) => sleep(untilMs - (performance.now() - cutAtMs))
    const late = beginProgram(cluster, 'direct', WRITER)
    for (const program of [...programs, stubborn]) await expectLost(program, node, cutAtMs)
    await new Promise<void>(resolve =>
      stalled.run.child.exitCode === null ? stalled.run.child.once('exit', () => resolve()) : resolve(),
    )
    expect(performance.now() - cutAtMs).toBeLessThan(LOST_LIMIT_MS)
    expect(stalled.run.child.exitCode).toBe(255)
    stalled.run.child.stdout?.destroy()
    // Nobody can tell the node anything; it ends them by itself.
    await until(
      'the processes to end',
      () => programs.every(one => one.onNode().length === 0) || undefined,
      5000,
    )
    await until('the stubborn one to end', () => stubborn.onNode().length === 0 || undefined, 10_000)
    expect((await late.ended).status).toBe(125)
    expect((await late.ended).stderr).toContain(`${node.name} could not be reached`)
    for (const program of [...programs, stubborn, stalled]) await program.is('lost')
    await waitMs(60_000)
    node.host.plug()
    // The same boot comes back and tells how they ended.
    for (const program of [...programs, stalled])
      expect(await program.is('ended')).toMatchObject({ ending: { signal: 'SIGTERM' }, placements: 1 })
    expect(await stubborn.is('ended')).toMatchObject({ ending: { signal: 'SIGKILL' }, placements: 1 })
    for (const program of [...programs, stubborn, stalled, late]) await program.isGone()
    expect(late.starts()).toBe(0)
  })

  test('the server is killed and is back soon: nothing ends, and an end in between is known', async () => {
    const writers = await Promise.all(WAYS.map(way => startProgram(cluster, way, `${NUMBERS}; exit 5`)))
    const short = await startProgram(cluster, 'direct', 'cat; exit 7')
    const running = await startProgram(cluster, 'direct', WRITER)
    await cluster.killServer()
    short.run.child.stdin?.end()
    expect((await short.ended).status).toBe(7)
    await cluster.startServer()
    expect(await short.is('ended')).toMatchObject({ ending: { exitStatus: 7 }, placements: 1 })
    expect((await running.record())?.state).toBe('running')
    for (const writer of writers) await expectWhole(writer, 5)
    running.run.child.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ signal: 'SIGTERM' })
    expect(await running.is('ended')).toMatchObject({ placements: 1 })
  })

  test('the server is killed and stays away: only what goes through its relay is lost', async () => {
    const [node] = cluster.machines
    const [direct, relayed, fromNode] = await Promise.all(
      (['direct', 'relay', 'from-a-node'] as const).map(way => startProgram(cluster, way, WRITER)),
    )
    const id = (await relayed?.record())?.id
    const killedAtMs = performance.now()
    await cluster.killServer()
    const end = await relayed?.ended
    expect([end?.status, end?.stderr]).toEqual([
      255,
      expect.stringContaining(`lost ${node.name}, where ${id} was started`),
    ])
    expect((end?.atMs ?? 0) - killedAtMs).toBeLessThan(LOST_LIMIT_MS)
    await until('it to end on the node', () => relayed?.onNode().length === 0 || undefined, 5000)
    await cluster.startServer()
    expect(await relayed?.is('ended')).toMatchObject({ ending: { signal: 'SIGTERM' }, placements: 1 })
    for (const program of [direct, fromNode]) {
      expect((await program?.record())?.state).toBe('running')
      program?.run.child.kill('SIGTERM')
      expect(await program?.ended).toMatchObject({ signal: 'SIGTERM' })
      await program?.isGone()
    }
  })
})
