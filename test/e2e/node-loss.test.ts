import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { labStatus } from '../../lab/io/read-status.ts'
import type { NodeView } from '../../protocol/node.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import { godwit, type Running, startGodwit, until } from './godwit.ts'
import { buildDefaultImage } from './image.ts'
import { openRig, type Rig } from './rig.ts'

/** The limit for a lost node's deputies. */
const LOST_LIMIT_MS = 15_000
/** Where a node's own deputy lies. */
const DEPUTY = '/usr/lib/godwit/godwit-deputy'

type Program = { readonly name: string; readonly run: Running; readonly on: NodeView }

/** docs/run.md, "When something dies", on machines that really die: what test/interop/life cannot do to a node. */
describe('a program writes, and', () => {
  let rig: Rig
  let nodes: readonly [NodeView, NodeView]
  let programs = 0

  beforeAll(async () => {
    await buildDefaultImage()
    rig = await openRig({ bios: 2, memoryMiB: 1024 })
    nodes = await until(
      'two nodes that are ready',
      async () => {
        const [first, second] = (await rig.nodes()).filter(({ state, load }) => state === 'ready' && load)
        return first && second ? [first, second] : undefined
      },
      600_000,
    )
  })
  afterAll(() => rig?.close())

  const script = (name: string) => `echo once >>/tmp/${name}; while :; do echo ${name}; sleep 0.05; done`

  /** Starts one and waits until it writes; `from` another node, by the deputy that is there, or from here. */
  const start = async (on: NodeView, how: { inside: boolean; from?: NodeView }): Promise<Program> => {
    programs += 1
    const name = `writer${programs}`
    const argv = ['sh', '-c', script(name)]
    const there = [DEPUTY, 'run', `--name=${name}`, `--on=${on.name}`, '--', ...argv]
    const here = ['run', '--name', name, '--on', on.name, '--', ...argv]
    const nested = how.from === undefined ? here : ['run', '--on', how.from.name, '--', ...there]
    const run = startGodwit(rig.lab, nested, { inside: how.inside })
    await until(`${name} to write`, () => run.out().includes(name) || undefined).catch((error: Error) => {
      throw new Error(`${error.message}: ${run.err()}`)
    })
    return { name, run, on }
  }

  const record = async (name: string) =>
    (await rig.client.get('/v1/processes?all=1', z.array(ProcessRecord))).find(one => one.name === name)
  const is = (name: string, state: ProcessRecord['state']) =>
    until(`${name} to be ${state}`, async () => {
      const found = await record(name)
      return found?.state === state ? found : undefined
    })
  const qemuOf = async ({ mac }: NodeView) => {
    const { machines } = await labStatus({ labDir: rig.lab.labDir })
    const pid = machines.find(machine => machine.mac === mac)?.pid
    if (!pid) throw new Error(`no machine ${mac}`)
    return pid
  }
  const isReady = ({ mac }: NodeView) =>
    until('the node to be back', async () =>
      (await rig.nodes()).find(one => one.mac === mac && one.state === 'ready' && one.load !== null),
    )

  /** Each deputy says which node is lost, in time, and the server writes the process off without a second try. */
  const expectLost = async (lost: readonly Program[], atMs: number) => {
    for (const { name, run, on } of lost) {
      const { status, stderr } = await run.done
      expect(performance.now() - atMs, name).toBeLessThan(LOST_LIMIT_MS)
      const id = (await record(name))?.id
      expect([name, status, stderr]).toEqual([
        name,
        255,
        expect.stringContaining(`lost ${on.name}, where ${id} was started`),
      ])
    }
    for (const { name } of lost) expect(await is(name, 'lost')).toMatchObject({ placements: 1 })
  }

  /** On the node nothing of them is left, and each was started once. */
  const expectGone = async (gone: readonly Program[], on: NodeView) => {
    for (const { name } of gone) {
      const look = `cat /tmp/${name}; grep -lsa "echo [${name[0]}]${name.slice(1)};" /proc/[0-9]*/cmdline | grep -v "/$$/"; :`
      const seen = await godwit(rig.lab, ['run', '--on', on.name, '--', 'sh', '-c', look], { inside: true })
      expect([name, seen.stdout]).toEqual([name, 'once\n'])
    }
  }

  it('its agent is killed, and systemd starts another one', async () => {
    const [home, node] = nodes
    const writers = [
      await start(node, { inside: true }),
      await start(node, { inside: false }),
      await start(node, { inside: true, from: home }),
    ]
    const before = (await rig.nodes()).find(({ id }) => id === node.id)
    const script = `pid=$(systemctl show --property MainPID --value godwit-agent); echo now; sleep 0.5; kill -KILL $pid`
    const killer = startGodwit(rig.lab, ['run', '--on', node.name, '--', 'sh', '-c', script], {
      inside: true,
    })
    // To be started takes a loaded host as long as all that is to be timed.
    await until('the killer to be there', () => killer.out().includes('now') || undefined)
    await expectLost(writers, performance.now())
    // It ran under the agent that it killed.
    expect((await killer.done).status).toBe(255)
    expect((await isReady(node)).boot).toEqual(before?.boot)
    await expectGone(writers, node)
  })

  it('its machine loses power', async () => {
    const [home, node] = nodes
    const writers = [
      await start(node, { inside: true }),
      await start(node, { inside: false }),
      await start(node, { inside: true, from: home }),
    ]
    const atMs = performance.now()
    process.kill(await qemuOf(node), 'SIGKILL')
    await expectLost(writers, atMs)
  })

  it('its machine stands still, and goes on a minute later', async () => {
    const [node] = nodes
    const writers = [await start(node, { inside: true }), await start(node, { inside: false })]
    const qemu = await qemuOf(node)
    const atMs = performance.now()
    process.kill(qemu, 'SIGSTOP')
    try {
      await expectLost(writers, atMs)
    } finally {
      process.kill(qemu, 'SIGCONT')
    }
    for (const { name } of writers) expect(await is(name, 'ended')).toMatchObject({ placements: 1 })
    await isReady(node)
    await expectGone(writers, node)
  })
})
