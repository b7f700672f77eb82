import type { Host } from '../host.ts'
import type { Pledge } from '../run.ts'
import { GIB, type Job, widthOn } from '../scenario.ts'

/** What the published policies take a job for of which nothing is known. */
export const PRIOR = { threads: 4, memoryBytes: 2 * GIB } as const

/** Nothing set aside: what a policy without books of its own pledges. */
export const NO_PLEDGE: Pledge = { threads: 0, memoryBytes: 0, lifeMs: null }

/** Memory the job is taken to want by what its command line says alone. */
export function hintedBytes(job: Job): number {
  return job.hintBytes ?? PRIOR.memoryBytes
}

/** Memory of the host that is used or set aside, by the last report and by the books; the larger counts. */
export function takenBytes(host: Host, nowS: number): number {
  const pledged = host.runs.reduce((sum, run) => sum + run.pledge.memoryBytes, 0)
  return Math.max(pledged, host.report(nowS).memoryBytes)
}

/** Threads on the host: as the last report has them, and those placed since by the books. */
export function takenThreads(host: Host, nowS: number): number {
  const { atS, busyThreads } = host.report(nowS)
  return host.runs.reduce(
    (sum, { placedS, pledge }) => (placedS >= atS ? sum + widthOn(pledge.threads, host.machine) : sum),
    busyThreads,
  )
}

/** The index with the lowest cost of those that are not `null`; among equals the first. */
export function cheapest(costs: readonly (number | null)[]): number | null {
  let best: number | null = null
  let lowest = Number.POSITIVE_INFINITY
  costs.forEach((cost, at) => {
    if (cost === null || cost >= lowest) return
    best = at
    lowest = cost
  })
  return best
}
