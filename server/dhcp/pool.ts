import { type Ipv4, ipv4FromNumber } from '../../config/values/ipv4.ts'
import { fnv1a } from '../fnv1a.ts'
import { isAvailable, isLive, type Lease, type LeaseView } from './lease.ts'
import type { Request } from './request.ts'
import { isInPool, isLeasable, poolSize, type Subnet } from './subnet.ts'

/** An address for a machine and why this one; or why there is none. */
export type Choice =
  | { readonly kind: 'address'; readonly ip: Ipv4; readonly why: string; readonly isNew: boolean }
  | { readonly kind: 'none'; readonly reason: 'no address left' | 'too many open offers' }

/** Whose address is chosen. */
export type Chooser = Pick<Request, 'mac' | 'identity'>

/** From this pool size on, at most half of it may be offered and unanswered: it blunts random-MAC floods. */
const OFFER_CAP_FROM_ADDRESSES = 16

/**
 * Chooses the address to offer (RFC 2131 §4.3.1): reservation, current lease or offer, earlier lease, the
 * address asked for, a never-used one found from a hash of the machine on (so that it tends to get the same
 * one even after the database is lost), and last the longest unused of somebody else's.
 */
export function chooseAddress(
  subnet: Subnet,
  view: LeaseView,
  who: Chooser,
  requested: Ipv4 | undefined,
  nowMs: number,
): Choice {
  const { mac, identity } = who
  const reserved = subnet.reservations.get(mac)?.ip
  if (isUsable(reserved, subnet, view, who, nowMs)) return found(reserved, 'reserved', false)
  const held = view.holdOf(identity, subnet, nowMs)?.ip
  if (isUsable(held, subnet, view, who, nowMs)) return found(held, 'offered before', false)
  const leased = view.leaseOf(identity, subnet)?.ip
  if (isItsOwn(leased, subnet, view, who, nowMs)) return found(leased, 'leased before', false)
  return chooseNew(subnet, view, who, requested, nowMs)
}

function chooseNew(
  subnet: Subnet,
  view: LeaseView,
  who: Chooser,
  requested: Ipv4 | undefined,
  nowMs: number,
): Choice {
  if (view.isExhausted(subnet, nowMs)) return { kind: 'none', reason: 'no address left' }
  const size = poolSize(subnet)
  if (size >= OFFER_CAP_FROM_ADDRESSES && view.openOffers(subnet, nowMs) >= size / 2)
    return { kind: 'none', reason: 'too many open offers' }
  if (isUsable(requested, subnet, view, who, nowMs) && view.leaseAt(requested) === undefined)
    return found(requested, 'asked for', true)
  const fresh = untouchedFrom(subnet, view, fnv1a(who.identity) % size, nowMs)
  if (fresh !== undefined) return found(fresh, 'new', true)
  const reclaimed = longestUnused(view, lease => isUsable(lease.ip, subnet, view, who, nowMs), nowMs)
  if (reclaimed !== undefined) return found(reclaimed.ip, `reclaimed, ${reclaimed.state}`, true)
  return { kind: 'none', reason: 'no address left' }
}

function found(ip: Ipv4, why: string, isNew: boolean): Choice {
  return { kind: 'address', ip, why, isNew }
}

function isUsable(
  ip: Ipv4 | undefined,
  subnet: Subnet,
  view: LeaseView,
  who: Chooser,
  nowMs: number,
): ip is Ipv4 {
  return ip !== undefined && isLeasable(subnet, ip, who.mac) && isAvailable(view, ip, who.identity, nowMs)
}

/**
 * Whether the machine may have back what it leased before: also from a stranger who was offered it and has not
 * answered, or a flood of made-up machines would take the addresses of all whose leases ran out over night.
 */
function isItsOwn(
  ip: Ipv4 | undefined,
  subnet: Subnet,
  view: LeaseView,
  who: Chooser,
  nowMs: number,
): ip is Ipv4 {
  if (ip === undefined || !isLeasable(subnet, ip, who.mac)) return false
  const hold = view.holdAt(ip, nowMs)
  if (hold === undefined || hold.identity === who.identity) return isUsable(ip, subnet, view, who, nowMs)
  return !hold.acknowledged && view.leaseOf(hold.identity, subnet) === undefined
}

/** The first never-used address of the pool, from `offset` addresses in and round once. */
function untouchedFrom(subnet: Subnet, view: LeaseView, offset: number, nowMs: number): Ipv4 | undefined {
  const size = poolSize(subnet)
  for (let step = 0; step < size; step += 1) {
    const address = subnet.pool.first + ((offset + step) % size)
    if (!view.isUntouched(address, nowMs)) continue
    const ip = ipv4FromNumber(address)
    if (isInPool(subnet, ip) && !subnet.reservedFor.has(ip)) return ip
  }
  return undefined
}

function longestUnused(view: LeaseView, usable: (lease: Lease) => boolean, nowMs: number): Lease | undefined {
  let best: Lease | undefined
  for (const lease of view.leases()) {
    if (isLive(lease, nowMs) || (best !== undefined && byReclaim(best, lease) <= 0)) continue
    if (usable(lease)) best = lease
  }
  return best
}

const RECLAIM_ORDER: readonly Lease['state'][] = ['released', 'bound', 'declined']

/** Given back first, then expired, then quarantined ones whose time is over; the oldest first in each. */
function byReclaim(left: Lease, right: Lease): number {
  return (
    RECLAIM_ORDER.indexOf(left.state) - RECLAIM_ORDER.indexOf(right.state) ||
    left.expiresAtMs - right.expiresAtMs
  )
}
