import { readFile } from 'node:fs/promises'
import { busySeconds } from '../boot/cpu-time.ts'
import { type Figures, median, rounded } from '../stats.ts'

/** USER_HZ, as in cpu-time.ts. */
const TICKS_PER_SECOND = 100

/**
 * Starts to listen for noise. The function it resolves with says, in cores, what others used since:
 * `otherCores` is what ran here beside the `ownCpuSeconds` handed in (server and client), `stealCores` what the host
 * gave to other virtual machines. Figures from a noisy stretch are not worth comparing.
 */
export async function startNoise(): Promise<(ownCpuSeconds: number) => Promise<Figures>> {
  const [before, begunMs] = [await readFile('/proc/stat', 'utf8'), performance.now()]
  return async ownCpuSeconds => {
    const after = await readFile('/proc/stat', 'utf8')
    const seconds = (performance.now() - begunMs) / 1000
    const others = busySeconds(after) - busySeconds(before) - ownCpuSeconds
    return {
      otherCores: rounded(Math.max(0, others / seconds)),
      stealCores: rounded((stealSeconds(after) - stealSeconds(before)) / seconds),
    }
  }
}

/** What the host took from this machine since it started: the eighth figure of /proc/stat's first line (proc(5)). */
export function stealSeconds(procStat: string): number {
  return Number(procStat.split('\n')[0]?.split(/\s+/)[8] ?? 0) / TICKS_PER_SECOND
}

/** Cores that others may use before figures are doubtful. */
const QUIET_CORES = 0.3

/** A sentence to print when others kept this machine busy in at least half of the cases; else `undefined`. */
export function noiseWarning(results: readonly { readonly figures: Figures }[]): string | undefined {
  const cores = results.map(({ figures }) => (figures['otherCores'] ?? 0) + (figures['stealCores'] ?? 0))
  const usual = cores.length === 0 ? 0 : median(cores)
  return usual <= QUIET_CORES
    ? undefined
    : `this machine was not quiet: others took ${usual.toFixed(1)} cores; the figures are worth little`
}
