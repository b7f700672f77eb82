import type { Ipv4 } from '../../config/values/ipv4.ts'
import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { Decision } from './decision.ts'
import { type Lease, type LeaseView, ownerOf } from './lease.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** Looks whether somebody uses an address of the link: who, or `undefined`. Never rejects. */
export type ConflictProbe = (ip: Ipv4) => Promise<Mac | undefined>

/** Addresses tried for one DISCOVER before it goes without an answer. */
export const MAX_CANDIDATES = 5

/**
 * The address that has to be looked at before it is offered (RFC 2131 §3.1 step 2): a new one, on our own link, for
 * nobody answers ARP through a relay. A machine's own address is never looked at: the machine itself may answer.
 */
export function addressToProbe(decision: Decision, request: Request, subnet: Subnet): Ipv4 | undefined {
  const isLocal = !subnet.isRelayed && request.packet.giaddr === UNSPECIFIED
  return decision.kind === 'offer' && decision.isNew && isLocal ? decision.ip : undefined
}

/**
 * Whether `user` at `ip` is in the way. Not the machine that asks, nor the one that leased the address before: its
 * entry in the kernel's table outlives it by minutes.
 */
export function isConflict(user: Mac | undefined, ip: Ipv4, request: Request, view: LeaseView): user is Mac {
  return user !== undefined && user !== request.mac && user !== view.leaseAt(ip)?.mac
}

/** Whether the offer of `ip` still stands: meanwhile the client may have taken it, or another server's. */
export function standsOffer(
  ip: Ipv4,
  { identity }: Request,
  subnet: Subnet,
  view: LeaseView,
  nowMs: number,
): boolean {
  const lease = view.leaseAt(ip)
  const isTaken = lease?.state === 'bound' && ownerOf(lease) === identity && lease.expiresAtMs > nowMs
  return !isTaken && view.holdOf(identity, subnet, nowMs)?.ip === ip
}

/** What keeps an address out of service that `user` was found at. */
export function quarantined(ip: Ipv4, user: Mac, subnet: Subnet, nowMs: number): Lease {
  const expiresAtMs = nowMs + subnet.policy.declineHoldSeconds * 1000
  return { ip, mac: user, state: 'declined', stage: 'os', expiresAtMs, seenAtMs: nowMs }
}
