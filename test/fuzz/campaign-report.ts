import { type Growth, growthOf } from './flatness.ts'
import type { Footprint } from './memory.ts'

/** What a campaign did and saw. */
export type Outcome = {
  readonly totals: { sent: number; validExchanges: number; repeatedRequests: number }
  readonly seconds: number
  readonly droppedByKernel: number
  readonly repliesSeen: number
  readonly footprints: readonly Footprint[]
  readonly failures: readonly string[]
  readonly recentHex: readonly string[]
}

/** How a campaign went: the JSON document of `npm run fuzz -- … --json`. */
export type CampaignReport = {
  readonly protocol: string
  readonly seed: number
  readonly sent: number
  readonly seconds: number
  readonly perSecond: number
  /** Valid exchanges between the fuzzed datagrams, and requests of theirs that had to be repeated. */
  readonly validExchanges: number
  readonly repeatedRequests: number
  /** Datagrams that never reached the server because its socket was full. */
  readonly droppedByKernel: number
  /** Datagrams of the server that the witness saw, DHCP only. */
  readonly repliesSeen: number
  readonly footprints: readonly Footprint[]
  readonly growth: readonly Growth[]
  /** Why it failed; empty when it did not. */
  readonly failures: readonly string[]
  /** The last datagrams before the failure, in hex, oldest first. */
  readonly recentHex: readonly string[]
}

/** Thirds of fewer samples say nothing about growth. */
const MIN_SAMPLES = 3

/** The report, with growth judged. */
export function reportOf(protocol: string, seed: number, outcome: Outcome): CampaignReport {
  const { totals, failures, ...rest } = outcome
  const growth = rest.footprints.length >= MIN_SAMPLES ? growthOf(rest.footprints) : []
  const grown = growth.filter(each => !each.isFlat)
  return {
    ...{ protocol, seed, ...totals, ...rest, growth, perSecond: totals.sent / rest.seconds },
    failures: [
      ...failures,
      ...grown.map(({ figure, middle, last }) => `${figure} grew from ${middle} to ${last}`),
    ],
  }
}
