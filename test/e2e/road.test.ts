import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type AdminClient, adminClient } from '../../cli/admin-client.ts'
import { waitForNodes } from '../../cli/lab/wait-for-nodes.ts'
import { IMAGE_DIR } from '../../cli/paths.ts'
import { controlLab } from '../../lab/io/control-client.ts'
import { labStatus } from '../../lab/io/read-status.ts'
import { labDown, labUp } from '../../lab/service.ts'
import type { LabStatus } from '../../lab/status.ts'
import { Decision } from '../../protocol/decision.ts'
import { NodeView } from '../../protocol/node.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import { godwit, startGodwit, until } from './godwit.ts'
import { buildDefaultImage } from './image.ts'

/**
 * The whole road on real firmware: one BIOS and one UEFI machine boot our image, join, and run what is placed on
 * them (issue: from power switch to placed JVM). One lab serves all tests, in order.
 */
const say = (line: string) => process.stderr.write(`  ${line}\n`)
let labDir: string
let lab: LabStatus
let client: AdminClient
let nodes: readonly NodeView[]
let digest: string

const processes = () => client.get('/v1/processes?all=1', z.array(ProcessRecord))
const record = async (id: string) => client.get(`/v1/processes/${id}`, ProcessRecord)

beforeAll(async () => {
  labDir = await mkdtemp(join(tmpdir(), 'godwit-e2e-'))
  const built = await buildDefaultImage()
  digest = built.digest
  const signal = AbortSignal.timeout(20 * 60_000)
  lab = await labUp({
    labDir,
    imageDir: IMAGE_DIR,
    bios: 1,
    uefi: 1,
    memoryMiB: 1024,
    signal,
    onProgress: say,
  })
  client = adminClient(lab.adminSocket ?? '')
  nodes = await waitForNodes({ client, count: 2, sinceMs: 0, signal, say })
})

afterAll(async () => {
  if (labDir === undefined) return
  await labDown({ labDir, onProgress: say })
  await rm(labDir, { recursive: true, force: true })
})

describe('two bare machines', () => {
  it('are ready, one by BIOS and one by UEFI, on one image', () => {
    expect(nodes.map(node => node.firmware).sort()).toEqual(['bios', 'uefi'])
    expect(nodes.map(node => node.state)).toEqual(['ready', 'ready'])
    expect(nodes.map(node => node.image?.digest)).toEqual([digest, digest])
  })

  it('have told their hardware in full', () => {
    for (const { hardware, speed, firmware } of nodes) {
      expect(hardware?.cpu).toMatchObject({ cores: expect.any(Number), threads: 2 })
      expect(hardware?.cpu.flags.length).toBeGreaterThan(5)
      expect(hardware?.memory.totalBytes).toBeGreaterThan(900 * 2 ** 20)
      expect(hardware?.disks.length).toBeGreaterThan(0)
      expect(hardware?.nics.some(nic => nic.mac.startsWith('52:54:00:67:77') && nic.carrier)).toBe(true)
      expect(hardware?.firmware.kind).toBe(firmware)
      expect(hardware?.system.vendor).toBe('godwit')
      expect(hardware?.missingTools).toEqual([])
      expect(speed?.all).toBeGreaterThan(0)
    }
  })

  it('have a dated timeline from the first packet to ready', () => {
    for (const { boot, firmware } of nodes) {
      const names = boot.stages.map(stage => stage.name)
      const wanted = [
        'dhcp-offer',
        'script',
        'kernel',
        'initrd',
        'initrd-start',
        'network',
        'root-fetch',
        'root-verified',
        'switch-root',
        'agent-start',
        'joined',
        'ready',
      ]
      expect(names).toEqual(expect.arrayContaining(firmware === 'uefi' ? [...wanted, 'loader'] : wanted))
      expect(boot.stages.map(stage => stage.atMs)).toEqual(
        boot.stages.map(stage => stage.atMs).sort((a, b) => a - b),
      )
    }
  })

  it('answer to the command line, readably and as JSON', async () => {
    const [first] = nodes
    const name = first?.name ?? ''
    const table = await godwit(lab, ['nodes'])
    expect(table.stdout).toMatch(new RegExp(`${name} +ready`))
    expect(z.array(NodeView).parse(JSON.parse((await godwit(lab, ['nodes', '--json'])).stdout))).toHaveLength(
      2,
    )
    expect((await godwit(lab, ['node', 'show', name])).stdout).toContain('firmware')
    expect(
      NodeView.parse(JSON.parse((await godwit(lab, ['node', 'show', name, '--json'])).stdout)).name,
    ).toBe(name)
    expect((await godwit(lab, ['node', 'timeline', name])).stdout).toContain('root-verified')
    expect(JSON.parse((await godwit(lab, ['node', 'timeline', name, '--json'])).stdout)).toHaveLength(1)
  })
})

describe('a placed JVM', () => {
  it('runs as one whole process on the node that placement chose, once', async () => {
    const eventsPath = join(labDir, 'events.jsonl')
    const run = await godwit(
      lab,
      [
        'run',
        '--json-events',
        eventsPath,
        '--',
        'java',
        '-Xmx64m',
        '-jar',
        '/usr/share/godwit/demo/threads.jar',
        '8',
      ],
      { inside: true },
    )
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
    const told = Object.fromEntries(
      run.stdout
        .trim()
        .split('\n')
        .map(line => line.split('=') as [string, string]),
    )
    const [process] = await until('the end to be recorded', async () => {
      const all = await processes()
      return all[0]?.state === 'ended' ? all : undefined
    })
    expect(process).toMatchObject({ state: 'ended', placements: 1, ending: { exitStatus: 0, signal: null } })
    expect(process?.usage?.peakThreads).toBeGreaterThanOrEqual(8)
    expect(Object.values(told)).toContain(process?.nodeName)

    const events = (await readFile(eventsPath, 'utf8'))
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(events.map(event => event.event)).toEqual(['placed', 'started', 'ended'])

    const why = Decision.parse(JSON.parse((await godwit(lab, ['why', 'last', '--json'])).stdout))
    expect(why.chosen).toBe(process?.node)
    expect(why.candidates.length + why.filtered.length).toBe(2)
    expect(why.candidates[0]?.demand.memoryFrom).toContain('-Xmx')
    expect((await godwit(lab, ['why', process?.id ?? ''])).stdout).toContain('placed on')
    expect((await godwit(lab, ['ps', '--all'])).stdout).toContain(process?.id ?? '?')
  })
})

describe.each([
  ['directly', true],
  ['through the relay', false],
])('godwit run, connected %s', (_how, inside) => {
  it('passes standard input and output', async () => {
    const run = await godwit(lab, ['run', '--', 'cat'], { inside, stdin: 'hi\n' })
    expect(run).toMatchObject({ status: 0, stdout: 'hi\n', stderr: '' })
  })

  it('keeps standard error apart and returns the status', async () => {
    const run = await godwit(lab, ['run', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'], { inside })
    expect(run).toMatchObject({ status: 7, stdout: 'out\n', stderr: 'err\n' })
  })

  it('says 127 for a program that is not there', async () => {
    const run = await godwit(lab, ['run', '--', 'no-such-program'], { inside })
    expect(run.status).toBe(127)
    expect(run.stderr).toContain('no-such-program')
  })
})

describe('^C', () => {
  it('ends the remote process and its children', async () => {
    const run = startGodwit(lab, ['run', '--', 'sh', '-c', 'sleep 1001 & sleep 1002 & echo started; wait'])
    await until('the process to start', () => (run.out().includes('started') ? true : undefined))
    run.child.kill('SIGINT')
    const end = await run.done
    expect(end.status === 130 || end.signal === 'SIGINT').toBe(true)
    for (const node of nodes) {
      const left = await godwit(lab, [
        'run',
        '--on',
        node.name,
        '--',
        'sh',
        '-c',
        'pgrep -f "sleep 100[12]" | grep -v $$; true',
      ])
      expect(left.stdout).toBe('')
    }
  })
})

describe('kill -9 of the server', () => {
  it('loses no process: it goes on, is shown, and its status is recorded', async () => {
    const run = startGodwit(lab, ['run', '--', 'sh', '-c', 'echo started; sleep 45; exit 3'])
    await until('the process to start', () => (run.out().includes('started') ? true : undefined))
    const before = await until('it to be shown as running', async () =>
      (await processes()).find(one => one.state === 'running'),
    )
    const leases = nodes.map(node => node.ip)
    await controlLab(await labStatus({ labDir }), { op: 'restart-server' })
    lab = await labStatus({ labDir })
    const after = await until('the nodes to come back', async () => {
      const seen = await client.get('/v1/nodes', z.array(NodeView)).catch(() => [])
      return seen.length === 2 && seen.every(node => node.state === 'ready' && node.load !== null)
        ? seen
        : undefined
    })
    expect(after.map(node => node.ip)).toEqual(leases)
    expect((await godwit(lab, ['ps'])).stdout).toContain(before.id)
    expect((await run.done).status).toBe(3)
    const ended = await until('its end to be recorded', async () => {
      const one = await record(before.id)
      return one.state === 'ended' ? one : undefined
    })
    expect(ended).toMatchObject({ placements: 1, ending: { exitStatus: 3 }, startedAtMs: before.startedAtMs })
  })
})

describe('a machine with too little memory', () => {
  it('stops in the initrd with a sentence that names both numbers, and the server shows it', async () => {
    await controlLab(await labStatus({ labDir }), {
      op: 'add-machine',
      firmware: 'bios',
      memoryMiB: 384,
      name: 'tiny',
    })
    const failed = await until(
      'the machine to give up',
      async () => (await client.get('/v1/nodes', z.array(NodeView))).find(node => node.state === 'failed'),
      300_000,
    )
    expect(failed.reason).toMatch(/needs \d+ MiB.* has \d+ MiB/)
    const status = await labStatus({ labDir })
    const console = await readFile(
      status.machines.find(machine => machine.name === 'tiny')?.consoleLog ?? '',
      'utf8',
    )
    expect(console).toMatch(/needs \d+ MiB.*has \d+ MiB/)
    expect((await godwit(lab, ['nodes'])).stdout).toContain(failed.reason ?? '?')
  })
})
