import { setImmediate } from 'node:timers/promises'
import type { Figures } from '../stats.ts'
import { EmulatedCluster, type Size } from './emulated-cluster.ts'

/** Decisions before the clock starts, so that the compiler has seen everything, and decisions that are timed. */
export type Effort = { readonly warmUp: number; readonly timed: number }

/** Decisions between two looks at ^C. */
const SLICE = 500

/**
 * Places on an emulated cluster of `size` and says how fast. The rate is by processor time of this whole program, the
 * collector's threads and the arriving reports included: what else the host does does not count. p50 and p99 are by
 * the clock, for single decisions, and do suffer from it. Rejects with AbortError at ^C.
 */
export async function measurePlacement(
  size: Size,
  { warmUp, timed }: Effort,
  signal: AbortSignal,
): Promise<Figures> {
  const cluster = new EmulatedCluster(size)
  const latenciesMs = new Float64Array(timed)
  for (let n = 0; n < warmUp; n += 1) {
    cluster.run()
    cluster.live()
  }
  const wallStartMs = performance.now()
  const cpuStart = process.cpuUsage()
  let placed = 0
  for (let n = 0; n < timed; n += 1) {
    if (n % SLICE === 0) {
      await setImmediate()
      signal.throwIfAborted()
    }
    const startMs = performance.now()
    if (cluster.run()) placed += 1
    latenciesMs[n] = performance.now() - startMs
    cluster.live()
  }
  const { user, system } = process.cpuUsage(cpuStart)
  const wallSeconds = (performance.now() - wallStartMs) / 1000
  latenciesMs.sort()
  const quantileUs = (share: number) => (latenciesMs[Math.floor(share * (timed - 1))] ?? 0) * 1000
  return {
    decisionsPerSecond: Math.round(timed / ((user + system) / 1e6)),
    wallDecisionsPerSecond: Math.round(timed / wallSeconds),
    p50Us: quantileUs(0.5),
    p99Us: quantileUs(0.99),
    placedShare: placed / timed,
  }
}
