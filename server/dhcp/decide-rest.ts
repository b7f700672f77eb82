import { cidrContains } from '../../config/values/cidr.ts'
import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import type { Decision } from './decision.ts'
import type { LeaseView } from './lease.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** A reserved address comes back sooner: its machine has no other. */
const RESERVED_DECLINE_HOLD_SECONDS = 600
/** More declines than this in an hour are not bad luck but somebody emptying the pool. */
const MAX_DECLINES_PER_HOUR = 5
const HOUR_MS = 3_600_000

/** DECLINE (RFC 2131 §4.3.3): the client found its address in use by somebody else; take it out of service. */
export function decideDecline(request: Request, subnet: Subnet, view: LeaseView, nowMs: number): Decision {
  const { mac, stage, requestedIp: ip, serverId } = request
  if (serverId !== undefined && serverId !== subnet.serverId)
    return { kind: 'ignore', reason: 'DECLINE for another server' }
  const owned = view.holdOf(mac, nowMs)?.ip === ip || view.leaseOf(mac)?.ip === ip
  if (ip === undefined || !owned) return { kind: 'ignore', reason: 'DECLINE of an address it was not given' }
  const recent = [...view.leases()].filter(
    lease => lease.state === 'declined' && lease.mac === mac && lease.seenAtMs > nowMs - HOUR_MS,
  )
  if (recent.length >= MAX_DECLINES_PER_HOUR) return { kind: 'ignore', reason: 'too many DECLINEs' }
  const holdSeconds = subnet.reservedFor.has(ip)
    ? Math.min(RESERVED_DECLINE_HOLD_SECONDS, subnet.policy.declineHoldSeconds)
    : subnet.policy.declineHoldSeconds
  const expiresAtMs = nowMs + holdSeconds * 1000
  return {
    kind: 'record',
    lease: { ip, mac, state: 'declined', stage, expiresAtMs, seenAtMs: nowMs },
    reason: 'declined',
  }
}

/** RELEASE (RFC 2131 §4.3.4): free the address, remember whose it was. dhcping names no server; taken too. */
export function decideRelease(request: Request, subnet: Subnet, view: LeaseView, nowMs: number): Decision {
  if (request.serverId !== undefined && request.serverId !== subnet.serverId)
    return { kind: 'ignore', reason: 'RELEASE for another server' }
  const lease = view.leaseOf(request.mac)
  if (lease?.state !== 'bound' || lease.ip !== request.packet.ciaddr)
    return { kind: 'ignore', reason: 'RELEASE of an address it does not have' }
  return {
    kind: 'record',
    lease: { ...lease, state: 'released', expiresAtMs: nowMs, seenAtMs: nowMs },
    reason: 'released',
  }
}

/** INFORM (RFC 2131 §4.3.5): the client has an address from elsewhere and wants the parameters only. */
export function decideInform(request: Request, subnet: Subnet): Decision {
  const { ciaddr } = request.packet
  const ip = ciaddr === UNSPECIFIED ? request.source.address : ciaddr
  if (ip === UNSPECIFIED) return { kind: 'ignore', reason: 'INFORM without an address' }
  if (!cidrContains(subnet.link, ip)) return { kind: 'ignore', reason: 'INFORM from another network' }
  return { kind: 'inform', reason: 'informed' }
}
