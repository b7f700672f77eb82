import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../e2e/godwit.ts'
import { whyNoNative } from '../../native/relay.ts'
import { whyNoNamespaces } from '../dhcp-cable.ts'
import { type Cluster, openCluster } from './cluster.ts'
import { beginProgram, expectLost, LOST_LIMIT_MS, startProgram, WAYS, WRITER } from './program.ts'

const reason = whyNoNamespaces() ?? whyNoNative()
if (reason !== undefined) console.warn(`tests of what dies are skipped: ${reason}`)

const STUBBORN = `trap "" TERM; ${WRITER}`
/** The agent's patience between SIGTERM and SIGKILL, and what a busy machine adds. */
const HARD_END_MS = 5000
const SLACK_MS = 3000

/** Each starts several programs by several ways, which on a busy machine is most of the time. */
const OPTIONS = { timeout: 180_000 }

/** docs/run.md, "When something dies": what ends in it, what each side is told, and that nothing is left or run twice. */
describe.skipIf(reason !== undefined)('when one side of a run is killed while it writes', OPTIONS, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await openCluster('le')
  })
  afterAll(() => cluster?.close())

  const deputyOf = (program: { atHome(): readonly { program: string; pid: number }[] }) => {
    const found = program.atHome().find(one => one.program.endsWith('godwit-deputy'))
    if (found === undefined) throw new Error('no deputy')
    return found.pid
  }

  test('the deputy: SIGTERM, then SIGKILL for the process, and the server is told', async () => {
    const start = (script: string) => Promise.all(WAYS.map(way => startProgram(cluster, way, script)))
    const [soft, hard] = [await start(WRITER), await start(STUBBORN)]
    const killedAtMs = performance.now()
    for (const program of [...soft, ...hard]) process.kill(deputyOf(program), 'SIGKILL')
    for (const program of soft)
      expect(await program.is('ended')).toMatchObject({ ending: { signal: 'SIGTERM' }, placements: 1 })
    expect(performance.now() - killedAtMs).toBeLessThan(HARD_END_MS)
    for (const program of hard)
      expect(await program.is('ended')).toMatchObject({ ending: { signal: 'SIGKILL' }, placements: 1 })
    expect(performance.now() - killedAtMs).toBeGreaterThanOrEqual(HARD_END_MS)
    expect(performance.now() - killedAtMs).toBeLessThan(HARD_END_MS + SLACK_MS)
    for (const program of [...soft, ...hard]) {
      await program.isGone()
      expect((await program.ended).signal).toBe('SIGKILL')
    }
  })

  test('godwit run, or the agent of a home that is a node: the deputy, and the process 12 s later', async () => {
    const [, home] = cluster.machines
    const programs = await Promise.all(WAYS.map(way => startProgram(cluster, way, WRITER)))
    const killedAtMs = performance.now()
    for (const { way, run } of programs) if (way !== 'from-a-node') run.child.kill('SIGKILL')
    home.agent.kill('SIGKILL')
    for (const program of programs) {
      // Whoever was killed still has its streams open where its deputy holds them: their end is the deputy's.
      const { stderr, status, atMs } = await program.ended
      expect(stderr).toContain('the connection to the process is lost (GW_NODE_LOST)')
      expect(atMs - killedAtMs).toBeLessThan(SLACK_MS)
      if (program.way === 'from-a-node') expect(status).toBe(255)
    }
    for (const program of programs) {
      expect(await program.is('ended')).toMatchObject({ ending: { signal: 'SIGTERM' }, placements: 1 })
      await program.isGone()
    }
    expect(performance.now() - killedAtMs).toBeLessThan(LOST_LIMIT_MS)
    await home.restartAgent()
  })

  test('the agent: all its processes at once, deputies within 15 s, and the server when it is back', async () => {
    const [node] = cluster.machines
    const programs = await Promise.all(WAYS.map(way => startProgram(cluster, way, STUBBORN)))
    const killedAtMs = performance.now()
    node.agent.kill('SIGKILL')
    await until(
      'the processes to end',
      () => programs.every(one => one.onNode().length === 0) || undefined,
      2000,
      20,
    )
    await sleep(1000) // systemd's RestartSec
    await node.restartAgent()
    for (const program of programs) {
      await expectLost(program, node, killedAtMs)
      expect(await program.is('lost')).toMatchObject({ placements: 1 })
      await program.isGone()
    }
    const next = beginProgram(cluster, 'direct', 'echo hi; exit 4')
    expect(await next.ended).toMatchObject({ status: 4 })
  })

  test("the keeper's child: its process with all it has started, and no other", async () => {
    const [program, other] = await Promise.all([
      startProgram(cluster, 'direct', `setsid sleep 1000 & ${STUBBORN}`),
      startProgram(cluster, 'direct', WRITER),
    ])
    const processes = program.onNode()
    const main = processes.find(one => !processes.some(({ pid }) => pid === one.parent))
    process.kill(main?.parent ?? 0, 'SIGKILL')
    expect(await program.ended).toMatchObject({ signal: 'SIGKILL' })
    expect(await program.is('ended')).toMatchObject({ ending: { signal: 'SIGKILL' }, placements: 1 })
    await program.isGone()
    const before = other.run.text().stdout.length
    await until('the other to write on', () => other.run.text().stdout.length > before || undefined, 2000, 20)
    other.run.child.kill('SIGTERM')
    expect(await other.ended).toMatchObject({ signal: 'SIGTERM' })
    await other.isGone()
  })

  test('only the main process: what it left in the background goes with it', async () => {
    const program = beginProgram(cluster, 'direct', 'setsid sleep 1000 & echo left')
    expect(await program.ended).toMatchObject({ status: 0 })
    await program.is('ended')
    await program.isGone()
  })

  test('the node stands still: deputies within 15 s, its processes when it goes on, and none starts then', async () => {
    const [node] = cluster.machines
    const programs = await Promise.all(WAYS.map(way => startProgram(cluster, way, WRITER)))
    const stoppedAtMs = performance.now()
    node.agent.kill('SIGSTOP')
    // Over the link that is there; its request lies at the node's door all the time.
    const late = beginProgram(cluster, 'from-a-node', WRITER)
    for (const program of programs) await expectLost(program, node, stoppedAtMs)
    expect((await late.ended).status).toBe(255)
    await Promise.all([...programs, late].map(program => program.is('lost')))
    node.agent.kill('SIGCONT')
    for (const program of programs) {
      expect(await program.is('ended')).toMatchObject({ ending: { signal: 'SIGTERM' }, placements: 1 })
      await program.isGone()
    }
    await late.isGone()
    expect(late.starts()).toBe(0)
    expect((await late.record())?.state).toBe('lost')
  })
})
