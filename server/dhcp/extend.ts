import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import { isAvailable, type Lease, type LeaseView } from './lease.ts'
import { isLeasable, type Subnet } from './subnet.ts'

/** What a sign of life of a running node does to its lease. */
export type Extension =
  | { readonly kind: 'extend'; readonly lease: Lease }
  | { readonly kind: 'fresh' }
  | { readonly kind: 'refused'; readonly reason: string }

/** Written again only below this share of the lease time: reports come every second, disks should not. */
const EXTEND_BELOW = 3 / 4

/**
 * Decides for a node that reports from `ip`. Its system did no DHCP of its own (the loader's address was handed
 * over), so the report stands for the renewal. Its own lease, expired or not, is extended; without a record
 * the address is adopted when nobody else has it.
 */
export function decideExtension(
  subnet: Subnet,
  view: LeaseView,
  mac: Mac,
  ip: Ipv4,
  nowMs: number,
): Extension {
  const leaseMs = subnet.policy.leaseSeconds * 1000
  const own = view.leaseAt(ip)
  const isOwn = own?.mac === mac && own.state === 'bound'
  if (isOwn && own.expiresAtMs - nowMs >= EXTEND_BELOW * leaseMs) return { kind: 'fresh' }
  // The agent knows its MAC only; the lease may go by its client id.
  const named = isOwn && own.identity !== undefined ? { identity: own.identity } : {}
  if (!isAvailable(view, ip, named.identity ?? mac, nowMs))
    return { kind: 'refused', reason: 'its address is leased to another machine' }
  if (!isOwn && !isLeasable(subnet, ip, mac))
    return { kind: 'refused', reason: 'its address is not one of ours' }
  const hostName = isOwn && own.hostName !== undefined ? { hostName: own.hostName } : {}
  return {
    kind: 'extend',
    lease: {
      ip,
      mac,
      state: 'bound',
      stage: 'os',
      expiresAtMs: nowMs + leaseMs,
      seenAtMs: nowMs,
      ...named,
      ...hostName,
    },
  }
}
