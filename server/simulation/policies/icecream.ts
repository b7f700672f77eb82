import type { Host } from '../host.ts'
import type { CreatePolicy } from '../policy.ts'
import { cheapest, NO_PLEDGE } from './books.ts'

/**
 * icecream's scheduler (`pick_server_fastest` in scheduler.cpp, commit fcf8c51): a slot per core, counted by the
 * scheduler itself; of the hosts with a free slot the fastest, its speed reduced by its last reported load (processor
 * or memory, the worse) and by half the share of its slots in use. When all are full, one job may wait at each host,
 * and one more for every four slots. Speed is taken as known: learning it is not what is compared.
 */
export const icecream: CreatePolicy = () => ({
  choose: (_job, _attempt, { hosts, nowS }) => {
    const free = cheapest(hosts.map(host => (freeSlots(host) > 0 ? -merit(host, nowS) : null)))
    const host =
      free ?? cheapest(hosts.map(one => (freeSlots(one) + preload(one) > 0 ? -merit(one, nowS) : null)))
    return host === null ? null : { host, pledge: NO_PLEDGE }
  },
})

function freeSlots({ machine, runs }: Host): number {
  return machine.cores - runs.length
}

function preload({ machine }: Host): number {
  return 1 + Math.floor(machine.cores / 4)
}

function merit(host: Host, nowS: number): number {
  const { cores, speed, memoryBytes } = host.machine
  const report = host.report(nowS)
  const load = Math.min(1, Math.max(report.busyThreads / cores, report.memoryBytes / memoryBytes))
  return speed * (1 - load) * (1 - (0.5 * host.runs.length) / cores)
}
