import { execFile } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openSmallCluster, type SmallCluster } from '../../cluster/small-cluster.ts'
import { compileLoad } from '../net/compile.ts'
import { startNoise } from '../net/noise.ts'
import { type Sample, turns } from '../net/turns.ts'
import { type Figures, median, rounded } from '../stats.ts'
import { atRate, type Ground, inTurn, type Load } from './load.ts'
import { memoryAtHome } from './memory.ts'
import { findSshd, type SshPeer, startSshPeer } from './sshd.ts'

/** The ways to start a command: here, on another node through godwit, and there through ssh. */
export const SUBJECTS = ['local', 'godwit', 'ssh-mux', 'ssh'] as const
/** One of the {@link SUBJECTS}. */
export type Subject = (typeof SUBJECTS)[number]

/** What is to be measured; `rate` spawns a second for `seconds`. */
export type SpawnComparison = {
  readonly runs: number
  /** Spawns of `true` per turn; a tenth of it by ssh alone, and of Java. */
  readonly spawns: number
  readonly rate: number
  readonly seconds: number
}

const LOAD_CLIENT = new URL('./spawnload.c', import.meta.url).pathname
const HELLO = new URL('./Hello.java', import.meta.url).pathname
/** Spawns before anything is timed: four programs in JavaScript are to be compiled. */
const WARM_UP = 500

type Scene = {
  readonly cluster: SmallCluster
  readonly ssh: SshPeer | undefined
  readonly ground: Ground
  /** What comes before a command to run it in this way. */
  prefix(subject: Subject): readonly string[]
  peerCpuSeconds(subject: Subject): Promise<number>
  readonly subjects: readonly Subject[]
  readonly hello: readonly string[]
}

/** Measures all; `signal` ends everything with an AbortError. Root only. */
export async function compareSpawns(
  comparison: SpawnComparison,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  const spawnload = await compileLoad(LOAD_CLIENT)
  say('starting a server and two agents')
  const cluster = await openSmallCluster('gwsp', 2)
  let ssh: SshPeer | undefined
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => undefined)
  try {
    ssh = await sshBeside(cluster, say)
    const scene = await setScene(cluster, ssh, spawnload)
    return await Promise.race([stopped, measureAll(scene, comparison, signal, say)])
  } finally {
    await ssh?.close()
    await cluster.close()
  }
}

async function sshBeside(cluster: SmallCluster, say: (line: string) => void): Promise<SshPeer | undefined> {
  const sshd = await findSshd()
  if (sshd === undefined) {
    say('no sshd here, so ssh is left out; scripts/setup bench gets it')
    return undefined
  }
  const folder = join(cluster.folder, 'ssh')
  await mkdir(folder)
  return startSshPeer(sshd, cluster.nodes[1]?.address ?? '', { network: cluster.network, folder })
}

async function setScene(cluster: SmallCluster, ssh: SshPeer | undefined, spawnload: string): Promise<Scene> {
  const [home, far] = cluster.nodes
  if (home === undefined || far === undefined) throw new Error('the cluster has no two nodes')
  const classes = join(cluster.folder, 'classes')
  await mkdir(classes)
  await copyFile(HELLO, join(classes, 'Hello.java'))
  await promisify(execFile)('javac', ['-d', classes, join(classes, 'Hello.java')])
  const prefix = (subject: Subject): readonly string[] => {
    if (subject === 'local') return []
    if (subject === 'godwit') return [cluster.deputy, 'run', `--on=${far.name}`, '--']
    return ssh?.prefix(subject) ?? []
  }
  return {
    ...{ cluster, ssh, prefix, hello: ['java', '-cp', classes, 'Hello'] },
    ground: { spawnload, prefix: cluster.network.prefix, env: home.env },
    subjects: SUBJECTS.filter(subject => ssh !== undefined || !subject.startsWith('ssh')),
    async peerCpuSeconds(subject) {
      if (subject === 'godwit') return cluster.cpuSeconds()
      return subject === 'local' ? 0 : ((await ssh?.cpuSeconds()) ?? 0)
    },
  }
}

async function measureAll(
  scene: Scene,
  comparison: SpawnComparison,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  const { runs, spawns } = comparison
  const samples: Sample[] = []
  const few = Math.max(2, Math.round(spawns / 10))
  await inTurn(scene.ground, WARM_UP, [...scene.prefix('godwit'), 'true'])
  for (const { run, subject } of turns(scene.subjects, runs)) {
    signal.throwIfAborted()
    const cases = [
      ['true', ['true'], subject === 'ssh' ? few : spawns],
      ['java', scene.hello, few],
    ] as const
    for (const [name, command, count] of cases) {
      const figures = await oneTurn(scene, subject, command, count)
      say(`run ${run} of ${runs}, ${name}, ${subject}: ${figures['medianMs']?.toFixed(2)} ms`)
      samples.push({ run, subject, case: name, figures })
    }
  }
  for (const subject of scene.subjects.filter(one => one !== 'local')) {
    const wait = [
      ...scene.cluster.network.prefix,
      ...scene.prefix(subject),
      'sh',
      '-c',
      'echo waiting; sleep 60',
    ]
    const quoted = subject === 'godwit' ? wait : [...wait.slice(0, -3), 'echo waiting; sleep 60']
    samples.push({ run: 1, subject, case: 'memory', figures: await memoryAtHome(quoted, scene.ground.env) })
  }
  const { rate, seconds } = comparison
  say(`${rate} spawns a second for ${seconds} s`)
  samples.push({ run: 1, subject: 'godwit', case: 'rate', figures: await sustained(scene, rate, seconds) })
  return samples
}

/** One turn of one subject: so many spawns, one after the other. */
async function oneTurn(
  scene: Scene,
  subject: Subject,
  command: readonly string[],
  count: number,
): Promise<Figures> {
  const [noise, before] = [await startNoise(), await scene.peerCpuSeconds(subject)]
  const told = await inTurn(scene.ground, count, [...scene.prefix(subject), ...command])
  const cpuSeconds = told.homeCpuSeconds + (await scene.peerCpuSeconds(subject)) - before
  return {
    medianMs: rounded(median(told.ms)),
    p90Ms: rounded(quantile(told, 0.9)),
    minMs: rounded(Math.min(...told.ms)),
    cpuMsPerSpawn: rounded((cpuSeconds * 1000) / count),
    homeCpuMsPerSpawn: rounded((told.homeCpuSeconds * 1000) / count),
    ...(await noise(cpuSeconds)),
  }
}

async function sustained(scene: Scene, rate: number, seconds: number): Promise<Figures> {
  const [noise, before] = [await startNoise(), await scene.peerCpuSeconds('godwit')]
  const told = await atRate(scene.ground, { rate, seconds }, [...scene.prefix('godwit'), 'true'])
  const cpuSeconds = told.homeCpuSeconds + (await scene.peerCpuSeconds('godwit')) - before
  return {
    offeredPerSecond: rate,
    endedPerSecond: rounded(told.endedInTime / seconds),
    spawns: told.ms.length,
    failures: told.failures,
    mostUnderWay: told.mostUnderWay,
    p50Ms: rounded(quantile(told, 0.5)),
    p99Ms: rounded(quantile(told, 0.99)),
    cpuMsPerSpawn: rounded((cpuSeconds * 1000) / Math.max(1, told.ms.length)),
    homeCpuMsPerSpawn: rounded((told.homeCpuSeconds * 1000) / Math.max(1, told.ms.length)),
    ...(await noise(cpuSeconds)),
  }
}

function quantile({ ms }: Pick<Load, 'ms'>, share: number): number {
  const sorted = [...ms].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
