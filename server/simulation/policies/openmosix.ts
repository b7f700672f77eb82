import type { Host } from '../host.ts'
import type { Cluster, CreatePolicy, Move, Policy } from '../policy.ts'
import type { Scenario } from '../scenario.ts'
import { leastLoaded } from './load.ts'

/** openMosix looked at its neighbours about once a second. */
const EVERY_S = 1
const GIGABIT_BYTES_PER_S = 0.117e9
const TEN_GIGABIT_BYTES_PER_S = 1.17e9

/** Start on the least loaded host, then migrate single-threaded processes only, as openMosix could, over 1 Gbit/s. */
export const openMosixSingle: CreatePolicy = (scenario, seed) =>
  preemptive(scenario, seed, threads => threads === 1, GIGABIT_BYTES_PER_S)

/** The same with all processes migratable, which no kernel ever did, over 10 Gbit/s. */
export const openMosixAll: CreatePolicy = (scenario, seed) =>
  preemptive(scenario, seed, () => true, TEN_GIGABIT_BYTES_PER_S)

function preemptive(
  scenario: Scenario,
  seed: number,
  isMigratable: (threads: number) => boolean,
  bytesPerS: number,
): Policy {
  return {
    ...leastLoaded(scenario, seed),
    migration: {
      everyS: EVERY_S,
      bytesPerS,
      plan: cluster => {
        const told = cluster.hosts.map(host => host.report(cluster.nowS).busyThreads)
        return cluster.hosts.flatMap((_, at) => offload(at, cluster, told, isMigratable, bytesPerS) ?? [])
      },
    },
  }
}

/**
 * One process of the host that had better move, if there is one. By Harchol-Balter and Downey: it has run for longer
 * than the cost of moving it over the difference of the loads, counting the mover on both sides. The one that ran
 * longest goes first: it is expected to run on longest.
 */
function offload(
  from: number,
  { hosts, nowS }: Cluster,
  told: readonly number[],
  isMigratable: (threads: number) => boolean,
  bytesPerS: number,
): Move | undefined {
  const host = hosts[from]
  if (host === undefined || host.busyThreads <= host.machine.cores) return undefined
  let move: Move | undefined
  let oldestS = 0
  for (const run of host.runs) {
    const ageS = nowS - run.placedS
    if (!isMigratable(run.job.threads) || ageS <= oldestS) continue
    const to = bestTarget(from, run.width, hosts, told)
    if (to === undefined) continue
    const costS = run.job.memoryBytes / bytesPerS
    if (ageS < costS / to.gain) continue
    move = { run, to: to.at }
    oldestS = ageS
  }
  return move
}

function crowd(threads: number, { cores, speed }: Host['machine']): number {
  return Math.max(1, threads / cores) / speed
}

/** Where a process of this width fares best by the last reports, and by how much less its stretch is there. */
function bestTarget(
  from: number,
  width: number,
  hosts: readonly Host[],
  told: readonly number[],
): { readonly at: number; readonly gain: number } | undefined {
  const host = hosts[from]
  if (host === undefined) return undefined
  const here = crowd(host.busyThreads, host.machine)
  let best: { at: number; gain: number } | undefined
  hosts.forEach((target, at) => {
    if (at === from || target.machine.cores < width) return
    const gain = here - crowd((told[at] ?? 0) + width, target.machine)
    if (gain > (best?.gain ?? 0)) best = { at, gain }
  })
  return best
}
