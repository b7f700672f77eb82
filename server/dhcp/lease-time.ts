import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Lease } from './lease.ts'
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

/** A lease that never ends (RFC 2131 §3.3). */
export const INFINITE_SECONDS = 0xffff_ffff
/** The wall clock at which an infinite lease ends; a number that JSON keeps. */
const NEVER_MS = Number.MAX_SAFE_INTEGER

/** When a lease given at `nowMs` runs out, wall clock. */
export function expiryMs(leaseSeconds: number, nowMs: number): number {
  return leaseSeconds === INFINITE_SECONDS ? NEVER_MS : nowMs + leaseSeconds * 1000
}

/** The lease on disk is written anew only when less than this share of the lease time is left in it. */
const REWRITE_BELOW = 3 / 4

/**
 * Seconds that may be promised on the strength of what is on disk already, at most `wantedSeconds`; `undefined`
 * when the lease has to be written. A machine that asks again, and again, then costs no write each time, and what
 * it is told is never more than what a restarted server would know.
 */
export function durableSeconds(
  lease: Lease | undefined,
  ip: Ipv4,
  { stage, hostName }: Pick<Request, 'stage' | 'hostName'>,
  wantedSeconds: number,
  nowMs: number,
): number | undefined {
  if (lease?.state !== 'bound' || lease.ip !== ip || lease.stage !== stage) return undefined
  if (hostName !== undefined && hostName !== lease.hostName) return undefined
  if (wantedSeconds === INFINITE_SECONDS) return lease.expiresAtMs === NEVER_MS ? INFINITE_SECONDS : undefined
  const leftSeconds = Math.floor((lease.expiresAtMs - nowMs) / 1000)
  return leftSeconds >= REWRITE_BELOW * wantedSeconds ? Math.min(leftSeconds, wantedSeconds) : undefined
}

/** T1 and T2 of a lease: one half and seven eighths (RFC 2131 §4.4.5), whole seconds; an infinite one has no end. */
export function renewalTimes(leaseSeconds: number): {
  readonly t1Seconds: number
  readonly t2Seconds: number
} {
  if (leaseSeconds === INFINITE_SECONDS) return { t1Seconds: leaseSeconds, t2Seconds: leaseSeconds }
  return { t1Seconds: Math.floor(leaseSeconds / 2), t2Seconds: Math.floor((leaseSeconds * 7) / 8) }
}
