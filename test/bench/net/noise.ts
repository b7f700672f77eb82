import { readFile } from 'node:fs/promises'
import { busySeconds } from '../boot/cpu-time.ts'
import { type Figures, rounded } from '../stats.ts'

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
