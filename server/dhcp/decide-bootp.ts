import type { Decision } from './decision.ts'
import { isAvailable, type LeaseView } from './lease.ts'
import { expiryMs, INFINITE_SECONDS } from './lease-time.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/**
 * What to do about a BOOTP request (RFC 951; RFC 2131 §1.2 has such clients live beside DHCP). They keep what they
 * get for good and never renew, so only a reservation will do.
 */
export function decideBootp(request: Request, subnet: Subnet, view: LeaseView, nowMs: number): Decision {
  const { mac, identity, stage } = request
  if (!subnet.policy.bootp) return { kind: 'ignore', reason: 'BOOTP is off' }
  const ip = subnet.reservations.get(mac)?.ip
  if (ip === undefined) return { kind: 'ignore', reason: 'BOOTP client without a reservation' }
  if (!isAvailable(view, ip, identity, nowMs))
    return { kind: 'ignore', reason: 'the reserved address is in use' }
  const expiresAtMs = expiryMs(INFINITE_SECONDS, nowMs)
  const known = view.leaseOf(identity, subnet)
  const isKnown = known?.ip === ip && known.state === 'bound' && known.expiresAtMs === expiresAtMs
  const lease = { ip, mac, state: 'bound' as const, stage, expiresAtMs, seenAtMs: nowMs }
  return {
    kind: 'ack',
    ip,
    leaseSeconds: INFINITE_SECONDS,
    lease: isKnown ? undefined : lease,
    reason: 'BOOTP',
  }
}
