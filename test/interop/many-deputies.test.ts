import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSmallCluster, type SmallCluster } from '../cluster/small-cluster.ts'
import { until } from '../e2e/godwit.ts'
import { whyNoNative } from '../native/relay.ts'

const MANY = 200
const STREAM_BYTES = 1 << 20
/** What a program waits for on a machine of which others take most. */
const LONG_MS = 600_000
/** What a collector leaves lying; without a bound it would be gigabytes in these seconds. */
const GROWN_MOST_MIB = 64
/** On the way of one run: its three windows of 256 KiB, once in each of the two agents. */
const HELD_MOST_MIB = (MANY * 3 * 256) / 1024

describe.skipIf(whyNoNative() !== undefined)(`${MANY} deputies at once`, () => {
  let cluster: SmallCluster
  beforeAll(async () => {
    cluster = await openSmallCluster('gwmd', 2)
  }, LONG_MS)
  afterAll(async () => await cluster?.close(), LONG_MS)

  it('start, and lose and double nothing of a MiB in and two MiB out each', {
    timeout: LONG_MS,
  }, async () => {
    const folder = join(cluster.folder, 'streams')
    mkdirSync(folder, { recursive: true })
    const digests = Array.from({ length: MANY }, (_, n) => writeInput(join(folder, `in-${n}`), n))
    const run = `cat in-$n | $RUN tee /dev/stderr 2>&3 3>&- | cat >out-$n; echo "\${PIPESTATUS[*]}" >status-$n`
    await shell(
      cluster,
      folder,
      `for n in $(seq 0 ${MANY - 1}); do { ${run}; } 3>&1 | cat >err-$n & done; wait`,
    )
    const ends = digests.map((_, n) => ({
      status: readFileSync(join(folder, `status-${n}`), 'utf8').trim(),
      out: digestOf(join(folder, `out-${n}`)),
      err: digestOf(join(folder, `err-${n}`)),
    }))
    expect(ends).toEqual(digests.map(digest => ({ status: '0 0 0', out: digest, err: digest })))
  })

  it('hold no more and no more memory while nobody reads them', { timeout: LONG_MS }, async () => {
    const before = memoryMib(cluster)
    const script = `for n in $(seq ${MANY}); do $RUN cat /dev/zero | sleep 1000 & done; wait`
    const stalled = startShell(cluster, cluster.folder, script)
    try {
      await until('all deputies to run', () => deputiesOf(cluster).length === MANY || undefined, LONG_MS)
      await quiet(cluster)
      const first = memoryMib(cluster)
      const deputies = deputiesOf(cluster).map(pssKib)
      await sleep(5000)
      const later = memoryMib(cluster)
      for (const [who, mib] of Object.entries(later)) {
        expect(mib - (first[who] ?? 0), `${who} grew`).toBeLessThan(GROWN_MOST_MIB)
        expect(mib - (before[who] ?? 0), `${who} holds`).toBeLessThan(HELD_MOST_MIB)
      }
      expect(Math.max(...deputies)).toBeLessThan(2048)
    } finally {
      process.kill(-(stalled.pid ?? 0), 'SIGKILL')
    }
    await until('all deputies to end', () => deputiesOf(cluster).length === 0 || undefined)
  })
})

/** A shell that has $RUN, which runs a command on the second node from the first. */
function startShell({ network, nodes, deputy }: SmallCluster, cwd: string, script: string) {
  const [home, far] = nodes
  const [program = '', ...prefix] = network.prefix
  const env = { ...process.env, ...home?.env, RUN: `${deputy} run --mem=16M --on=${far?.name} --` }
  return spawn(program, [...prefix, 'bash', '-c', script], { cwd, env, stdio: 'ignore', detached: true })
}

async function shell(cluster: SmallCluster, cwd: string, script: string): Promise<void> {
  await once(startShell(cluster, cwd, script), 'exit')
}

/** Other octets for each `n`; answers their digest. */
function writeInput(path: string, n: number): string {
  const bytes = createHash('shake256', { outputLength: STREAM_BYTES }).update(`${n}`).digest()
  writeFileSync(path, bytes)
  return createHash('sha256').update(bytes).digest('hex')
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

/** Deputies whose process runs: from then on they are called as it is. */
function deputiesOf({ deputy }: SmallCluster): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(pid => Number.isInteger(pid) && isDeputy(pid, deputy))
}

function isDeputy(pid: number, deputy: string): boolean {
  try {
    return (
      readlinkSync(`/proc/${pid}/exe`) === deputy &&
      !readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(deputy)
    )
  } catch {
    return false // it has gone, or is none of ours
  }
}

/** Until no octet moves any more: the agents have used no processor for a second. */
async function quiet({ cpuSeconds }: SmallCluster): Promise<void> {
  for (;;) {
    const before = await cpuSeconds()
    await sleep(1000)
    if ((await cpuSeconds()) - before < 0.5) return
  }
}

function memoryMib({ server, nodes }: SmallCluster): Readonly<Record<string, number>> {
  const [home, far] = nodes
  const mib = (pid: number | undefined) => kibIn(`/proc/${pid}/status`, 'VmRSS') / 1024
  return { server: mib(server.pid), home: mib(home?.program.pid), far: mib(far?.program.pid) }
}

function pssKib(pid: number): number {
  return kibIn(`/proc/${pid}/smaps_rollup`, 'Pss')
}

function kibIn(path: string, name: string): number {
  return Number(
    new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(path, 'utf8'))?.[1] ?? Number.NaN,
  )
}
