import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Decision } from '../../protocol/decision.ts'
import type { NodeView } from '../../protocol/node.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import { installJob, jobCommand } from '../jobs/install.ts'
import type { JobSize } from '../jobs/job-size.ts'
import { godwit, type Running, startGodwit, until } from './godwit.ts'
import { buildDefaultImage } from './image.ts'
import { openRig, type Rig } from './rig.ts'

/**
 * Thirty JVMs at once on three small, unequal machines. Together they ask for about twice the memory there is. Each
 * holds what it touched until its standard input ends, so that who waits, and that all who do not wait are there at
 * the same time, follows from sizes and from no clock.
 */
const MACHINES_MIB = [1024, 2048, 4096] as const
/** A loaded host needs minutes for what an idle one does in seconds. */
const LIMIT_MS = 600_000

const jvms = (count: number, heapMiB: number, touchMiB: number): readonly JobSize[] =>
  Array.from({ length: count }, () => ({ program: 'job', heapMiB, touchMiB, threads: 1, seconds: 0 }))

/** The largest in the middle: neither first to an empty fleet nor last. */
const BURST = [
  ...jvms(6, 64, 32),
  ...jvms(4, 192, 96),
  ...jvms(4, 96, 64),
  ...jvms(1, 2048, 200),
  ...jvms(2, 384, 160),
  ...jvms(7, 64, 24),
  ...jvms(4, 128, 64),
  ...jvms(2, 256, 128),
]
const LARGEST = BURST.findIndex(({ heapMiB }) => heapMiB === 2048)

/** Lines that `--json-events` wrote, as far as they matter here. */
const RunEvent = z.object({ event: z.string(), process: z.string() })

describe('thirty JVMs in one burst', () => {
  let rig: Rig
  let folder = ''
  let small: NodeView
  let medium: NodeView
  let large: NodeView
  let runs: readonly Running[] = []
  let burstAtMs = 0
  let records: readonly ProcessRecord[] = []

  const eventsPath = (at: number) => join(folder, `${at}.jsonl`)
  const eventsOf = async (at: number) => {
    const text = await readFile(eventsPath(at), 'utf8').catch(() => '')
    return text
      .split('\n')
      .slice(0, -1)
      .map(line => RunEvent.parse(JSON.parse(line)))
  }
  const holds = (run: Running) => run.out().includes('held=')
  const isWaiting = (run: Running) => run.err().includes('waiting for')
  /** The one process of a run that was started. */
  const idOf = async (at: number) => (await eventsOf(at)).find(({ event }) => event === 'started')?.process

  /** Ends what all of them wait for, and waits for their ends. */
  const letGo = () => {
    for (const run of runs) run.endInput()
    return Promise.all(runs.map(run => run.done))
  }

  /** The nodes of the machines, once all of them have reported. */
  const readyNodes = async (macs: readonly string[]): Promise<[NodeView, NodeView, NodeView] | undefined> => {
    const nodes = (await rig.nodes()).filter(({ state, load }) => state === 'ready' && load !== null)
    const [first, second, third] = macs.map(mac => nodes.find(node => node.mac === mac))
    return first && second && third ? [first, second, third] : undefined
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'godwit-burst-'))
    await buildDefaultImage()
    rig = await openRig()
    const macs: string[] = []
    for (const memoryMiB of MACHINES_MIB) macs.push(await rig.add({ firmware: 'bios', memoryMiB }))
    const ready = () => readyNodes(macs)
    ;[small, medium, large] = await until('three nodes that are ready', ready, 1_200_000)
    const names = [small, medium, large].map(({ name }) => name)
    await installJob(rig.lab, names, ['job'])
  })
  afterAll(async () => {
    for (const { child } of runs) child.kill('SIGKILL')
    await rig?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('run at once as far as memory goes, the others wait for some, and all end well once let go', async () => {
    // A second try begins on empty nodes as well.
    await letGo()
    for (const at of BURST.keys()) await rm(eventsPath(at), { force: true })
    burstAtMs = Date.now()
    runs = BURST.map((size, at) =>
      startGodwit(rig.lab, ['run', '--json-events', eventsPath(at), '--', ...jobCommand(size)], {
        inside: true,
        open: true,
      }),
    )
    await until(
      'each JVM to hold its memory, to wait, or to have failed, which their ends tell',
      () =>
        runs.every(run => holds(run) || isWaiting(run) || run.child.exitCode !== null) ? true : undefined,
      LIMIT_MS,
    )
    const holding = runs.filter(holds)
    const waited = runs.filter(isWaiting)
    process.stderr.write(`  ${holding.length} hold their memory, ${waited.length} had to wait\n`)
    expect(waited.length).toBeGreaterThan(0)
    expect(holding.length).toBeGreaterThan(MACHINES_MIB.length)
    for (const run of runs) expect(run.err()).toMatch(/^(godwit: waiting for .*\n)*$/)

    const ends = await letGo()
    for (const [at, size] of BURST.entries())
      expect(ends[at], ends[at]?.stderr).toMatchObject({
        status: 0,
        stdout: `held=${size.touchMiB}\ndone\n`,
      })
  })

  it('are each one process, placed once, killed by nobody', async () => {
    const ids = await Promise.all(BURST.map((_, at) => idOf(at)))
    expect(new Set(ids).size).toBe(BURST.length)
    for (const at of BURST.keys()) {
      const names = (await eventsOf(at)).map(({ event }) => event)
      expect(names.filter(name => name !== 'placed' && name !== 'refused')).toEqual(['started', 'ended'])
    }
    records = await until('all ends to be recorded', async () => {
      const all = await rig.client.get('/v1/processes?all=1', z.array(ProcessRecord))
      const burst = all.filter(({ command, placedAtMs }) => command[0] === 'java' && placedAtMs >= burstAtMs)
      const ours = burst.filter(({ state }) => state !== 'refused')
      return ours.every(({ state }) => state === 'ended') ? ours : undefined
    })
    expect(records.map(({ id }) => id).sort()).toEqual([...ids].sort())
    for (const record of records)
      expect(record, record.command.join(' ')).toMatchObject({
        placements: 1,
        ending: { exitStatus: 0, signal: null, oomKilled: false },
      })
    for (const node of [small, medium, large]) expect(records.map(record => record.node)).toContain(node.id)
  })

  it('keep the largest off the nodes that it does not fit', async () => {
    const id = await idOf(LARGEST)
    expect(records.find(record => record.id === id)).toMatchObject({ node: large.id })
    const why = await explain(id)
    expect(why.filtered.map(({ node }) => node).sort()).toEqual([small.id, medium.id].sort())
    // A node that is kept for another who waits says that first.
    for (const { reason, detail } of why.filtered) expect(reason, detail).toMatch(/^(memory|kept)$/)
  })

  it('are each explained by `godwit why`', async () => {
    for (const record of records) {
      const why = await explain(record.id)
      expect(why).toMatchObject({ process: record.id, command: record.command, chosen: record.node })
      expect(why.candidates[0]?.node).toBe(record.node)
      const nodes = [...why.candidates, ...why.filtered].map(({ node }) => node)
      expect(nodes.sort()).toEqual([small.id, medium.id, large.id].sort())
      for (const { score, terms, demand } of why.candidates) {
        expect(Object.values(terms).reduce((sum, term) => sum + term, 0)).toBeCloseTo(score, 6)
        expect(demand.memoryFrom).not.toBe('')
      }
      expect(why.candidates.map(({ score }) => score)).toEqual(
        why.candidates.map(({ score }) => score).sort((a, b) => a - b),
      )
      for (const { reason, detail } of why.filtered) expect([reason, detail]).not.toContain('')
    }
  })

  async function explain(id: string | undefined): Promise<Decision> {
    const { stdout, stderr } = await godwit(rig.lab, ['why', id ?? '', '--json'])
    expect(stderr).toBe('')
    return Decision.parse(JSON.parse(stdout))
  }
})
