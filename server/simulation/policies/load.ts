import type { Host } from '../host.ts'
import type { CreatePolicy } from '../policy.ts'
import { createRandom, index, type Random } from '../random.ts'
import { cheapest, hintedBytes, NO_PLEDGE } from './books.ts'

/** Small enough to decide only between equals: whoever asks an idle cluster shall not always get the first host. */
const JITTER = 1e-6

/** Threads per core as the host last told. */
function reportedLoad(host: Host, nowS: number, draw: Random): number {
  return host.report(nowS).busyThreads / host.machine.cores + JITTER * draw()
}

/** The host whose last report shows the least load per core; what was placed since is not seen. */
export const leastLoaded: CreatePolicy = (_, seed) => {
  const draw = createRandom(seed)
  return {
    choose: (_job, _attempt, { hosts, nowS }) => ({
      host: cheapest(hosts.map(host => reportedLoad(host, nowS, draw))) ?? 0,
      pledge: NO_PLEDGE,
    }),
  }
}

/** The less loaded of two that luck picks (Mitzenmacher, "The power of two choices", IEEE TPDS 2001). */
export const powerOfTwo: CreatePolicy = (_, seed) => {
  const draw = createRandom(seed)
  return {
    choose: (_job, _attempt, { hosts, nowS }) => {
      const picked = pick(draw, hosts.length, 2)
      const costs = hosts.map((host, at) => (picked.includes(at) ? reportedLoad(host, nowS, draw) : null))
      return { host: cheapest(costs) ?? 0, pledge: NO_PLEDGE }
    },
  }
}

/** The least loaded of four that luck picks, of those that have the memory by their last report. */
export const powerOfFourMemory: CreatePolicy = (_, seed) => {
  const draw = createRandom(seed)
  return {
    choose: (job, _attempt, { hosts, nowS }) => {
      const fits = (host: Host): boolean =>
        host.report(nowS).memoryBytes + hintedBytes(job) <= host.machine.memoryBytes
      const picked = pick(draw, hosts.length, 4)
      const load = (host: Host, at: number): number | null =>
        picked.includes(at) ? reportedLoad(host, nowS, draw) : null
      const roomy = cheapest(hosts.map((host, at) => (fits(host) ? load(host, at) : null)))
      return { host: roomy ?? cheapest(hosts.map(load)) ?? 0, pledge: NO_PLEDGE }
    },
  }
}

/** `count` different numbers below `below`, all of them where there are no more. */
function pick(draw: Random, below: number, count: number): readonly number[] {
  const picked: number[] = []
  while (picked.length < Math.min(count, below)) {
    const one = index(draw, below)
    if (!picked.includes(one)) picked.push(one)
  }
  return picked
}
