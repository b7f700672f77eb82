import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { LAB_USER } from '../../lab/people.ts'
import type { NodeView } from '../../protocol/node.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import { LEAN_JVM } from '../jobs/lean-jvm.ts'
import { godwit, until } from './godwit.ts'
import { buildDefaultImage } from './image.ts'
import { type JavaProcess, javaProcesses } from './java-processes.ts'
import { openRig, type Rig } from './rig.ts'
import { JOBS, putUserClass, putUserFile, startUserShell, userHome, userShell } from './user-shell.ts'

/** A start costs an emulated processor seconds. */
const LEAN = ['-Xmx48m', ...LEAN_JVM]
/**
 * How often a far JVM writes and a near `cat` reads. On an emulated machine that takes seconds a turn; docs/home.md has
 * the command that does it a thousand times, and test/interop does so over loopback each time.
 */
const TURNS = Number(process.env['GODWIT_TEST_TURNS'] ?? 12)
const TURNS_LIMIT_MS = 900_000 + TURNS * 15_000
/** A loaded host needs minutes for what an idle one does in seconds. */
const LIMIT_MS = 600_000

const reason = process.getuid?.() === 0 ? undefined : 'only root can serve files by NFS'
if (reason !== undefined) console.warn(`tests of plain java on nodes are skipped: ${reason}`)

/** Nothing here says where to run: it is plain `java` and `javac`, typed by a user of the server on a node. */
describe.skipIf(reason !== undefined)('plain java in a shell on a node', () => {
  let rig: Rig
  /** Where it is typed. */
  let home: NodeView
  let other: NodeView

  const shell = (script: string) => userShell(rig.lab, home.name, script)
  /** Removes what a first try has left. */
  const begin = (...folders: readonly string[]) =>
    Promise.all(folders.map(name => rm(join(userHome(rig.lab), name), { recursive: true, force: true })))
  /** The user's own JVMs that placement was asked for since then, as the server's records have them. */
  const placedSince = async (sinceMs: number): Promise<readonly ProcessRecord[]> => {
    const { stdout } = await godwit(rig.lab, ['ps', '--all', '--json', '--uid', `${LAB_USER.uid}`])
    const records = z.array(ProcessRecord).parse(JSON.parse(stdout))
    return records.filter(
      ({ placedAtMs, command }) => placedAtMs >= sinceMs && /^javac?$/.test(command[0] ?? ''),
    )
  }

  beforeAll(async () => {
    await buildDefaultImage()
    rig = await openRig({ bios: 2, uefi: 0, memoryMiB: 2048 })
    const ready = await until(
      'two nodes with the home folder',
      async () => {
        const nodes = await rig.nodes()
        const able = nodes.filter(
          node => node.state === 'ready' && node.load && node.home?.state === 'mounted',
        )
        return able.length === 2 ? able : undefined
      },
      LIMIT_MS,
    )
    // An emulated machine measures its own speed while its host does other things, and may be thought much faster.
    const speedOf = ({ speed }: NodeView) => speed?.single ?? 0
    ;[home, other] = [...ready].sort((a, b) => speedOf(a) - speedOf(b)) as [NodeView, NodeView]
  })
  afterAll(() => rig?.close())

  test('builds the same tree as one machine alone, with steps of it elsewhere', async () => {
    await begin('alone', 'spread')
    for (const name of await readdir(join(JOBS, 'tree')))
      for (const copy of ['alone', 'spread'])
        await putUserFile(rig.lab, `${copy}/${name}`, await readFile(join(JOBS, 'tree', name)))
    const sinceMs = Date.now()
    const timed = (script: string) => shell(script).then(() => Date.now() - sinceMs)
    // Side by side, so that the machine has enough to do for others to be better places.
    const [spreadMs, aloneMs] = await Promise.all([
      timed('make -s -j4 -C spread'),
      timed('GODWIT=off make -s -j4 -C alone'),
    ])
    const steps = await until('all steps to be recorded', async () => {
      const all = await placedSince(sinceMs)
      return all.every(({ state }) => state !== 'placed' && state !== 'running') ? all : undefined
    })

    const tree = await readTree(join(userHome(rig.lab), 'spread/tree'))
    expect(tree).toEqual(await readTree(join(userHome(rig.lab), 'alone/tree')))
    expect([...tree.keys()]).toHaveLength(16)
    expect(tree.get('report.txt')).toMatch(/^left( -?\d+){3}\nright( -?\d+){3}\n$/)

    const elsewhere = steps.filter(({ node }) => node === other.id)
    process.stderr.write(
      `  ${elsewhere.length} of ${steps.length} steps elsewhere, ${spreadMs} ms; alone ${aloneMs} ms\n`,
    )
    expect(elsewhere.length).toBeGreaterThanOrEqual(4)
    // One decision for each; one that the server did not hear of in time is made at home, and is none.
    expect(steps.length).toBeLessThanOrEqual(12)
    for (const step of steps)
      expect(step, step.command.join(' ')).toMatchObject({ state: 'ended', placements: 1, home: home.name })
    for (const step of elsewhere)
      expect(step.ending).toEqual({ exitStatus: 0, signal: null, oomKilled: false })
  })

  test('keeps all threads of each JVM in one process on one node, a forked JVM in its own', async () => {
    await begin('threads')
    await putUserClass(rig.lab, 'threads', 'Where')
    const command = (kind: string, name: string, threads: number, ...more: readonly string[]) =>
      ['java', ...LEAN, '-cp', '.', 'Where', kind, name, `${threads}`, ...more].join(' ')
    const forked = command('platform', 'forked', 5)
    const sinceMs = Date.now()
    const all = [
      command('platform', 'plain', 40),
      command('virtual', 'virtual', 500),
      command('platform', 'forking', 10, forked),
    ]
    const run = startUserShell(rig.lab, home.name, `cd threads; ${all.map(one => `${one} &`).join(' ')} wait`)

    const names = ['plain', 'virtual', 'forking', 'forked']
    const places = new Map<string, readonly string[]>()
    for (const name of names)
      places.set(
        name,
        await until(
          `${name} to have its threads`,
          () => linesOf(join(userHome(rig.lab), 'threads', name)),
          LIMIT_MS,
        ),
      )
    const records = await placedSince(sinceMs)
    const seen = new Map<string, readonly JavaProcess[]>()
    for (const { name } of [home, other]) seen.set(name, await javaProcesses(rig.lab, name))
    await putUserFile(rig.lab, 'threads/go', '')
    expect(await run.done).toMatchObject({ status: 0, stderr: '' })

    expect(records).toHaveLength(names.length)
    for (const name of names) {
      const own = records.filter(({ command }) => command[command.indexOf('Where') + 2] === name)
      expect(own, name).toHaveLength(1)
      const [{ nodeName = '', pid = 0 } = {}] = own
      const processes = [...seen].flatMap(([node, list]) =>
        list.filter(({ argv }) => argv[argv.indexOf('Where') + 2] === name).map(one => ({ ...one, node })),
      )
      // Nowhere else is there a process of this JVM, and no thread is outside of it.
      expect(processes, name).toMatchObject([{ node: nodeName, pid }])
      const [{ tasks = [] } = {}] = processes
      for (const task of tasks) expect(task, name).toMatchObject({ process: pid })
      expect(new Set(tasks.map(({ cgroup }) => cgroup)).size, name).toBe(1)
      const told = (places.get(name) ?? []).map(line =>
        / (\d+)\/task\/(\d+)$/.exec(line)?.slice(1).map(Number),
      )
      for (const line of places.get(name) ?? [])
        expect(line).toMatch(new RegExp(`^${nodeName} ${pid}/task/\\d+$`))
      expect(tasks.map(({ id }) => id)).toEqual(expect.arrayContaining(told.map(([, task] = []) => task)))
    }
    expect(places.get('plain')).toHaveLength(40)
    // Five hundred threads of the JVM are a handful of the kernel's.
    expect(places.get('virtual')?.length).toBeLessThan(40)
    const parent = records.find(({ command }) => command.includes('forking'))
    const child = records.find(({ command }) => command.includes('forked') && !command.includes('forking'))
    expect(child).toMatchObject({ home: parent?.nodeName, placements: 1 })
    expect(records.map(({ node }) => node)).toContain(other.id)
  })

  test('&& cat shows what it wrote, turn after turn, wherever it ran', {
    timeout: TURNS_LIMIT_MS,
  }, async () => {
    await begin('say')
    await putUserClass(rig.lab, 'say', 'Say')
    const sinceMs = Date.now()
    const loop = startUserShell(
      rig.lab,
      home.name,
      `cd say; touch begun; until [ -e go ]; do sleep 0.1; done; turn=0
      while [ $turn -lt ${TURNS} ]; do turn=$((turn + 1))
        seen=$(java ${LEAN.join(' ')} -cp . Say out $turn && cat out)
        [ "$seen" = $turn ] || echo "turn $turn: $seen"
      done`,
    )
    const hasBegun = async () =>
      (await readdir(join(userHome(rig.lab), 'say'))).includes('begun') ? true : undefined
    await until('the loop to begin', hasBegun, LIMIT_MS)
    // What is short would stay at home.
    await godwit(rig.lab, ['node', 'drain', home.name])
    await putUserFile(rig.lab, 'say/go', '')
    try {
      expect(await loop.done).toEqual({ status: 0, signal: null, stdout: '', stderr: '' })
    } finally {
      await godwit(rig.lab, ['node', 'resume', home.name])
    }
    const far = (await placedSince(sinceMs)).filter(
      ({ node, state }) => node === other.id && state !== 'refused',
    )
    process.stderr.write(`  ${far.length} of ${TURNS} turns elsewhere\n`)
    expect(far.length).toBe(TURNS)
  })
})

/** The content of each file below `folder`, by its path there. */
async function readTree(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const read = async (path: string) =>
    [path.slice(folder.length + 1), await readFile(path, 'latin1')] as const
  return new Map(await Promise.all(files.sort().map(read)))
}

async function linesOf(path: string): Promise<readonly string[] | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text?.trim().split('\n')
}
