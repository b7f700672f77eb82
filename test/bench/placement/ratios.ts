import type { Spread } from '../stats.ts'

/** What was measured at one size of cluster: medians, and the spread of the runs. */
export type SizeResult = {
  readonly nodes: number
  readonly decisionsPerSecond: number
  readonly wallDecisionsPerSecond: number
  readonly p50Us: number
  readonly p99Us: number
  readonly placedShare: number
  readonly spread: Readonly<Record<string, Spread>>
}

/**
 * Published rates of whole schedulers, decisions per second: Slurm's sustained batch jobs (slurm.schedmd.com, "High
 * Throughput Computing") and Nomad's C1M challenge (1,000,000 containers on 5,000 hosts in under five minutes).
 */
const PUBLISHED = { Slurm: 500, NomadC1M: 3750 } as const

/** Ours by theirs, at 1,000 nodes; their figures are of other machines and include more than the decision. */
export function placementRatios(results: readonly SizeResult[]): Readonly<Record<string, number>> {
  const ours = results.find(({ nodes }) => nodes === 1000)?.decisionsPerSecond
  if (ours === undefined) return {}
  return Object.fromEntries(
    Object.entries(PUBLISHED).map(([name, theirs]) => [
      `godwitTo${name}`,
      Math.round((ours / theirs) * 10) / 10,
    ]),
  )
}
