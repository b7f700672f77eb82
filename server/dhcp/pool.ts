import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import { fnv1a } from '../fnv1a.ts'
import { isAvailable, isLive, type Lease, type LeaseView } from './lease.ts'
import { isLeasable, poolFrom, poolSize, type Subnet } from './subnet.ts'

/** An address for a machine and why this one; or why there is none. */
export type Choice =
  | { readonly kind: 'address'; readonly ip: Ipv4; readonly why: string }
  | { readonly kind: 'none'; readonly reason: 'no address left' | 'too many open offers' }

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
  mac: Mac,
  requested: Ipv4 | undefined,
  nowMs: number,
): Choice {
  const usable = (ip: Ipv4 | undefined): ip is Ipv4 =>
    ip !== undefined && isLeasable(subnet, ip, mac) && isAvailable(view, ip, mac, nowMs)
  const untouched = (ip: Ipv4 | undefined): ip is Ipv4 => usable(ip) && view.leaseAt(ip) === undefined

  const reserved = subnet.reservations.get(mac)?.ip
  if (usable(reserved)) return { kind: 'address', ip: reserved, why: 'reserved' }
  const held = view.holdOf(mac, nowMs)?.ip
  if (usable(held)) return { kind: 'address', ip: held, why: 'offered before' }
  const leased = view.leaseOf(mac)?.ip
  if (usable(leased)) return { kind: 'address', ip: leased, why: 'leased before' }
  const size = poolSize(subnet)
  if (size >= OFFER_CAP_FROM_ADDRESSES && view.openOffers(nowMs) >= size / 2)
    return { kind: 'none', reason: 'too many open offers' }
  if (untouched(requested)) return { kind: 'address', ip: requested, why: 'asked for' }
  for (const ip of poolFrom(subnet, fnv1a(mac) % size))
    if (untouched(ip)) return { kind: 'address', ip, why: 'new' }
  const reclaimed = [...view.leases()]
    .filter(lease => !isLive(lease, nowMs) && usable(lease.ip))
    .sort(byReclaim)[0]
  if (reclaimed !== undefined)
    return { kind: 'address', ip: reclaimed.ip, why: `reclaimed, ${reclaimed.state}` }
  return { kind: 'none', reason: 'no address left' }
}

const RECLAIM_ORDER: readonly Lease['state'][] = ['released', 'bound', 'declined']

/** Given back first, then expired, then quarantined ones whose time is over; the oldest first in each. */
function byReclaim(left: Lease, right: Lease): number {
  return (
    RECLAIM_ORDER.indexOf(left.state) - RECLAIM_ORDER.indexOf(right.state) ||
    left.expiresAtMs - right.expiresAtMs
  )
}
