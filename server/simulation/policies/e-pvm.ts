import type { Host } from '../host.ts'
import type { Cluster, CreatePolicy } from '../policy.ts'
import { cheapest, hintedBytes, NO_PLEDGE } from './books.ts'

/** What E-PVM weighs of one host: shares of its memory, and processor load, before and with the job. */
export type Burden = {
  readonly memoryBefore: number
  readonly memoryAfter: number
  readonly loadBefore: number
  readonly loadAfter: number
}

/**
 * Marginal cost of Enhanced PVM (Amir, Awerbuch, Barak, Borgstrom, Keren: "An opportunity cost approach for job
 * assignment in a scalable computing cluster", IEEE TPDS 11(7), 2000): with n machines, n to the power of the share of
 * the memory, and n to the power of load over L, where L doubles whenever the load passes it.
 */
export function opportunityCost(machines: number, burden: Burden, highestLoad: number): number {
  const price = (share: number): number => machines ** share
  return (
    price(burden.memoryAfter) -
    price(burden.memoryBefore) +
    price(burden.loadAfter / highestLoad) -
    price(burden.loadBefore / highestLoad)
  )
}

/** L for this load: the lowest power of two above it, and never less than it was. */
export function raisedLimit(limit: number, loads: readonly number[]): number {
  let raised = limit
  for (const load of loads) while (load > raised) raised *= 2
  return raised
}

/** The host where the job costs least; one whose memory it would overfill only when all would be. */
export function cheapestByOpportunity(burdens: readonly Burden[], limit: number): number {
  const cost = (burden: Burden): number => opportunityCost(burdens.length, burden, limit)
  const roomy = cheapest(burdens.map(burden => (burden.memoryAfter <= 1 ? cost(burden) : null)))
  return roomy ?? cheapest(burdens.map(cost)) ?? 0
}

function hintedBurden(host: Host, nowS: number, memoryBytes: number): Burden {
  const { speed, memoryBytes: totalBytes } = host.machine
  const report = host.report(nowS)
  return {
    memoryBefore: report.memoryBytes / totalBytes,
    memoryAfter: (report.memoryBytes + memoryBytes) / totalBytes,
    loadBefore: report.jobs / speed,
    loadAfter: (report.jobs + 1) / speed,
  }
}

/**
 * E-PVM as published: it counts jobs against each machine's speed, and knows of memory what the command line says. To
 * count them against speed and cores together was tried and is worse, because jobs here have several threads each.
 */
export const ePvmHints: CreatePolicy = () => {
  let limit = 1
  return {
    choose: (job, _attempt, { hosts, nowS }: Cluster) => {
      const burdens = hosts.map(host => hintedBurden(host, nowS, hintedBytes(job)))
      limit = raisedLimit(
        limit,
        burdens.map(({ loadAfter }) => loadAfter),
      )
      return { host: cheapestByOpportunity(burdens, limit), pledge: NO_PLEDGE }
    },
  }
}
