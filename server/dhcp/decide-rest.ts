import { cidrContains } from '../../config/values/cidr.ts'
import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import type { Decision } from './decision.ts'
import type { Identity } from './identity.ts'
import { type LeaseView, ownerOf } from './lease.ts'
import { isOurs } from './link.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** A reserved address comes back sooner: its machine has no other. */
const RESERVED_DECLINE_HOLD_SECONDS = 600
/** More declines than this in an hour are not bad luck but somebody emptying the pool. */
const MAX_DECLINES_PER_HOUR = 5
const HOUR_MS = 3_600_000

/** DECLINE (RFC 2131 §4.3.3): the client found its address in use by somebody else; take it out of service. */
export function decideDecline(request: Request, subnet: Subnet, view: LeaseView, nowMs: number): Decision {
  const { mac, identity, stage, requestedIp: ip, serverId } = request
  if (serverId !== undefined && !isOurs(serverId, subnet, request))
    return { kind: 'ignore', reason: 'DECLINE for another server' }
  const owned = view.holdOf(identity, subnet, nowMs)?.ip === ip || view.leaseOf(identity, subnet)?.ip === ip
  if (ip === undefined || !owned) return { kind: 'ignore', reason: 'DECLINE of an address it was not given' }
  if (view.isRunning(mac, nowMs)) return { kind: 'ignore', reason: 'DECLINE in the name of a running node' }
  if (recentDeclines(identity, view, nowMs) >= MAX_DECLINES_PER_HOUR)
    return { kind: 'ignore', reason: 'too many DECLINEs' }
  const holdSeconds = subnet.reservedFor.has(ip)
    ? Math.min(RESERVED_DECLINE_HOLD_SECONDS, subnet.policy.declineHoldSeconds)
    : subnet.policy.declineHoldSeconds
  const expiresAtMs = nowMs + holdSeconds * 1000
  const named = identity === mac ? {} : { identity }
  return {
    kind: 'record',
    lease: { ip, mac, state: 'declined', stage, expiresAtMs, seenAtMs: nowMs, ...named },
    reason: 'declined',
  }
}

function recentDeclines(identity: Identity, view: LeaseView, nowMs: number): number {
  let count = 0
  for (const lease of view.leases())
    if (lease.state === 'declined' && ownerOf(lease) === identity && lease.seenAtMs > nowMs - HOUR_MS)
      count += 1
  return count
}

/**
 * RELEASE (RFC 2131 §4.3.4): free the address, remember whose it was. dhcping names no server; taken too. Anybody
 * can send one in another's name, so the word of a running node's agent counts for more.
 */
export function decideRelease(request: Request, subnet: Subnet, view: LeaseView, nowMs: number): Decision {
  const { mac, identity, serverId } = request
  if (serverId !== undefined && !isOurs(serverId, subnet, request))
    return { kind: 'ignore', reason: 'RELEASE for another server' }
  const lease = view.leaseOf(identity, subnet)
  if (lease?.state !== 'bound' || lease.ip !== request.packet.ciaddr)
    return { kind: 'ignore', reason: 'RELEASE of an address it does not have' }
  if (view.isRunning(mac, nowMs)) return { kind: 'ignore', reason: 'RELEASE in the name of a running node' }
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
