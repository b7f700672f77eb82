import type { Host } from '../host.ts'
import type { Cluster, CreatePolicy, Move } from '../policy.ts'
import type { Run } from '../run.ts'
import { widthOn } from '../scenario.ts'

/** A move must be worth this much stretch, so that equals do not swap for ever. */
const LEAST_GAIN = 0.01

/**
 * Migration that costs nothing and takes no time, on top of another policy's placement: what placing once is measured
 * against. After each start and end it makes the move that lowers the sum of all stretches most, until there is none.
 * It sees the truth: present loads, real threads, real memory.
 */
export function withFreeMigration(create: CreatePolicy): CreatePolicy {
  return (scenario, seed) => ({ ...create(scenario, seed), relocate: bestMove })
}

/** Moves to the host where something changed, and away from it; elsewhere nothing can have become worth moving. */
function bestMove({ hosts }: Cluster, changed: number): Move | undefined {
  const here = hosts[changed]
  if (here === undefined) return undefined
  let best: Move | undefined
  let mostGain = LEAST_GAIN
  const consider = (run: Run, from: Host, to: Host, at: number): void => {
    if (to.memoryBytes + run.job.memoryBytes > to.machine.memoryBytes) return
    const gain = costOfStaying(run, from) - costOfComing(run, to)
    if (gain <= mostGain) return
    mostGain = gain
    best = { run, to: at }
  }
  for (const run of here.runs)
    hosts.forEach((to, at) => {
      if (at !== changed) consider(run, here, to, at)
    })
  for (const from of hosts) if (from !== here) for (const run of from.runs) consider(run, from, here, changed)
  return best
}

function crowd(threads: number, { machine }: Host): number {
  return Math.max(1, threads / machine.cores)
}

function stretchOf(run: Run, host: Host, threads: number): number {
  return (
    (run.job.threads * crowd(threads, host)) / (host.machine.speed * widthOn(run.job.threads, host.machine))
  )
}

/** Its own stretch and what the others there would gain if it went. */
function costOfStaying(run: Run, host: Host): number {
  const without = host.busyThreads - run.width
  const others = (host.runs.length - 1) * (crowd(host.busyThreads, host) - crowd(without, host))
  return stretchOf(run, host, host.busyThreads) + others
}

/** Its stretch there and what the others there lose. */
function costOfComing(run: Run, host: Host): number {
  const withIt = host.busyThreads + widthOn(run.job.threads, host.machine)
  const others = host.runs.length * (crowd(withIt, host) - crowd(host.busyThreads, host))
  return stretchOf(run, host, withIt) + others
}
