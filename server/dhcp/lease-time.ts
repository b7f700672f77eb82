import type { Request, Stage } from './request.ts'
import type { Subnet } from './subnet.ts'

/** Below this a client would do nothing but renew. */
const MIN_LEASE_SECONDS = 120

/**
 * Seconds to lease for: short for ROMs and loaders, which are gone in a minute, long for a system. A client's
 * own wish (option 51) may shorten it, never lengthen it.
 */
export function leaseSecondsFor(subnet: Subnet, stage: Stage, request: Request): number {
  const most = stage === 'os' ? subnet.policy.leaseSeconds : subnet.policy.bootLeaseSeconds
  const hint = request.leaseHintSeconds
  return hint === undefined ? most : Math.min(most, Math.max(MIN_LEASE_SECONDS, hint))
}

/** T1 and T2 of a lease: one half and seven eighths (RFC 2131 §4.4.5), whole seconds. */
export function renewalTimes(leaseSeconds: number): {
  readonly t1Seconds: number
  readonly t2Seconds: number
} {
  return { t1Seconds: Math.floor(leaseSeconds / 2), t2Seconds: Math.floor((leaseSeconds * 7) / 8) }
}
