import type { Host } from '../host.ts'
import type { CreatePolicy } from '../policy.ts'
import { type Machine, widthOn } from '../scenario.ts'
import { cheapest, hintedBytes, PRIOR } from './books.ts'

/**
 * Bin packing by declared needs, as Nomad's batch scheduler has it (BestFit v3, after Google's): of the hosts where
 * both cores and memory are free by the books, the one that is fullest afterwards; if there is none, the job waits.
 */
export const binPack: CreatePolicy = () => ({
  choose: (job, _attempt, { hosts }) => {
    const memoryBytes = hintedBytes(job)
    const at = cheapest(hosts.map(one => emptiness(one, memoryBytes)))
    const host = at === null ? undefined : hosts[at]
    if (at === null || host === undefined) return null
    return { host: at, pledge: { threads: threadsOn(host.machine), memoryBytes, lifeMs: null } }
  },
})

/** Nobody declares more cores than a machine has. */
function threadsOn(machine: Machine): number {
  return widthOn(PRIOR.threads, machine)
}

/** Nomad's ScoreFit turned around: low for a full host. `null` where the job does not fit. */
function emptiness({ machine, runs }: Host, memoryBytes: number): number | null {
  let threads = threadsOn(machine)
  let bytes = memoryBytes
  for (const { pledge } of runs) {
    threads += pledge.threads
    bytes += pledge.memoryBytes
  }
  if (threads > machine.cores || bytes > machine.memoryBytes) return null
  return 10 ** (1 - threads / machine.cores) + 10 ** (1 - bytes / machine.memoryBytes)
}
