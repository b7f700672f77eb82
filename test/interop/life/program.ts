import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ProcessRecord } from '../../../protocol/process.ts'
import type { Run, RunEnd } from '../../agent/scene.ts'
import { until } from '../../e2e/godwit.ts'
import type { Cluster, Machine } from './cluster.ts'
import { MARK, type Marked, markedIn } from './marked.ts'

/** Which home a program's deputy has, and by which way it reaches the node. */
export type Way = 'direct' | 'relay' | 'from-a-node'

/** All of them: on the server's network, outside of it, and on the other node. */
export const WAYS: readonly Way[] = ['direct', 'relay', 'from-a-node']

/** The issue allows a deputy so long to tell that its node is lost. */
export const LOST_LIMIT_MS = 15_000

const START_MS = 60_000

/** A shell script that runs on a node; everything that belongs to it carries its own mark. */
export type Program = {
  readonly way: Way
  readonly run: Run
  /** How its deputy ended, and when (performance.now). */
  readonly ended: Promise<RunEnd & { readonly atMs: number }>
  record(): Promise<ProcessRecord | undefined>
  /** What is there of it on the node, and at home. */
  onNode(): readonly Marked[]
  atHome(): readonly Marked[]
  /** Waits until the server says this of it. */
  is(state: ProcessRecord['state']): Promise<ProcessRecord>
  /** Waits until nothing is left of it on either side; throws when it was started more than once. */
  isGone(): Promise<void>
}

/** A script that writes until it is ended. */
export const WRITER = 'while :; do echo line; sleep 0.02; done'

/** Starts `script` on the first machine; resolves when it runs. */
export async function startProgram(cluster: Cluster, way: Way, script: string): Promise<Program> {
  const program = beginProgram(cluster, way, script)
  await until(`${way} to run`, () => (program.starts() > 0 ? true : undefined), START_MS, 20)
  await program.is('running')
  return program
}

/** Starts `script` on the first machine, and waits for nothing. */
export function beginProgram(cluster: Cluster, way: Way, script: string): Program & { starts(): number } {
  const [node, other] = cluster.machines
  const mark = `${way}-${randomBytes(4).toString('hex')}`
  const startsPath = join(cluster.folder, mark)
  const argv = ['--', 'sh', '-c', `echo $$ >>"$0"; ${script}`, startsPath]
  const env = { [MARK]: mark }
  const run =
    way === 'from-a-node'
      ? cluster.onMachine(other, [`--name=${mark}`, `--on=${node.name}`, ...argv], env)
      : cluster.godwit(['run', '--name', mark, '--on', node.name, ...argv], { outside: way === 'relay', env })
  const starts = () => {
    try {
      return readFileSync(startsPath, 'utf8').split('\n').length - 1
    } catch {
      return 0
    }
  }
  const onNode = () => markedIn(node.host.space, mark)
  const atHome = () => markedIn(homeOf(cluster, way), mark)
  return {
    way,
    run,
    starts,
    ended: run.ended.then(end => ({ ...end, atMs: performance.now() })),
    record: () => cluster.record(mark),
    onNode,
    atHome,
    is: state =>
      until(
        `${mark} to be ${state}`,
        async () => {
          const record = await cluster.record(mark).catch(() => undefined)
          return record?.state === state ? record : undefined
        },
        30_000,
        50,
      ),
    async isGone() {
      await until(
        `${mark} to be gone`,
        () => onNode().length + atHome().length === 0 || undefined,
        10_000,
        50,
      )
      expect(starts()).toBeLessThanOrEqual(1)
    },
  }
}

function homeOf({ machines, serverSpace }: Cluster, way: Way): string | undefined {
  return way === 'relay' ? undefined : way === 'direct' ? serverSpace : machines[1].host.space
}

/** Waits until the deputy says that its node is lost, which was at `atMs` (performance.now). */
export async function expectLost(program: Program, node: Machine, atMs: number): Promise<void> {
  const end = await program.ended
  const id = (await program.record())?.id
  expect([program.way, end.status, end.stderr]).toEqual([
    program.way,
    255,
    expect.stringContaining(`lost ${node.name}, where ${id} was started`),
  ])
  expect(end.atMs - atMs).toBeLessThan(LOST_LIMIT_MS)
}
