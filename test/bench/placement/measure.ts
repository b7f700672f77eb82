import { setImmediate } from 'node:timers/promises'
import type { Figures } from '../stats.ts'
import { EmulatedCluster, type Size } from './emulated-cluster.ts'

/** Decisions before the clock starts, so that the compiler has seen everything, and decisions that are timed. */
export type Effort = { readonly warmUp: number; readonly timed: number }

/**
 * Decisions in one piece; between two pieces is a look at ^C, and people and agents do their part. Few: each request
 * that waits is copied by the collections that come meanwhile.
 */
const SLICE = 100

/** What the pieces came to so far. */
type Spent = { cpuUs: number; wallMs: number; placed: number }

/**
 * Places on an emulated cluster of `size` and says how fast. The rate is by processor time of this whole program, the
 * collector's threads, the ends of processes and the arriving reports included: what else the host does does not count,
 * and neither does making the requests, nor what agents keep. p50 and p99 are by the clock, for single decisions, and
 * do suffer from it. Rejects with AbortError at ^C.
 */
export async function measurePlacement(
  size: Size,
  { warmUp, timed }: Effort,
  signal: AbortSignal,
): Promise<Figures> {
  const cluster = new EmulatedCluster(size)
  await place(cluster, new Float64Array(warmUp), signal)
  const latenciesMs = new Float64Array(timed)
  const { cpuUs, wallMs, placed } = await place(cluster, latenciesMs, signal)
  latenciesMs.sort()
  const quantileUs = (share: number) => (latenciesMs[Math.floor(share * (timed - 1))] ?? 0) * 1000
  return {
    decisionsPerSecond: Math.round(timed / (cpuUs / 1e6)),
    wallDecisionsPerSecond: Math.round(timed / (wallMs / 1000)),
    p50Us: quantileUs(0.5),
    p99Us: quantileUs(0.99),
    placedShare: placed / timed,
  }
}

/** As many runs as there is room for their times. */
async function place(
  cluster: EmulatedCluster,
  latenciesMs: Float64Array,
  signal: AbortSignal,
): Promise<Spent> {
  const spent = { cpuUs: 0, wallMs: 0, placed: 0 }
  for (let done = 0; done < latenciesMs.length; done += SLICE) {
    await setImmediate()
    signal.throwIfAborted()
    placeSlice(cluster, latenciesMs.subarray(done, done + SLICE), spent)
    cluster.act()
  }
  return spent
}

function placeSlice(cluster: EmulatedCluster, latenciesMs: Float64Array, spent: Spent): void {
  const asked = cluster.ask(latenciesMs.length)
  const cpuStart = process.cpuUsage()
  const wallStartMs = performance.now()
  for (const [n, one] of asked.entries()) {
    const startMs = performance.now()
    if (cluster.run(one)) spent.placed += 1
    latenciesMs[n] = performance.now() - startMs
    cluster.live()
  }
  spent.wallMs += performance.now() - wallStartMs
  const { user, system } = process.cpuUsage(cpuStart)
  spent.cpuUs += user + system
}
