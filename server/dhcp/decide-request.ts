import { cidrContains } from '../../config/values/cidr.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Decision } from './decision.ts'
import { isAvailable, type LeaseView } from './lease.ts'
import { leaseSecondsFor } from './lease-time.ts'
import type { Request } from './request.ts'
import { requestState } from './request-state.ts'
import { isLeasable, type Subnet } from './subnet.ts'

/** What to do about a REQUEST in each of the client's states (RFC 2131 §4.3.2). */
export function decideRequest(request: Request, subnet: Subnet, view: LeaseView, nowMs: number): Decision {
  const state = requestState(request)
  switch (state.kind) {
    case 'selecting':
      // Another server won. A NAK here would fight it.
      if (state.serverId !== subnet.serverId)
        return { kind: 'withdraw', reason: 'client chose another server' }
      return decideSelecting(request, subnet, view, state.ip, nowMs)
    case 'init-reboot':
    case 'rebinding':
      if (!cidrContains(subnet.link, state.ip)) return { kind: 'nak', reason: 'wrong network' }
      return decideKeeping(request, subnet, view, state.ip, nowMs)
    case 'renewing':
      return decideKeeping(request, subnet, view, state.ip, nowMs)
    case 'unclear':
      return { kind: 'ignore', reason: state.reason }
  }
}

/** The client answers our offer, or says it does: after a restart we no longer know. */
function decideSelecting(
  request: Request,
  subnet: Subnet,
  view: LeaseView,
  ip: Ipv4,
  nowMs: number,
): Decision {
  const hold = view.holdOf(request.mac, nowMs)
  if (hold !== undefined && hold.ip !== ip) return { kind: 'nak', reason: 'not the address offered' }
  if (hold?.acknowledged && hold.xid === request.packet.xid)
    return { kind: 'ack', ip, leaseSeconds: hold.leaseSeconds, lease: undefined, reason: 'repeated request' }
  if (!isLeasable(subnet, ip, request.mac) || !isAvailable(view, ip, request.mac, nowMs))
    return { kind: 'nak', reason: 'address not available' }
  const leaseSeconds = hold?.leaseSeconds ?? leaseSecondsFor(subnet, request.stage, request)
  return acknowledge(request, ip, leaseSeconds, nowMs + leaseSeconds * 1000, 'selected', nowMs)
}

/** The client believes it has `ip`: after a reboot (INIT-REBOOT), or to extend it (RENEWING, REBINDING). */
function decideKeeping(request: Request, subnet: Subnet, view: LeaseView, ip: Ipv4, nowMs: number): Decision {
  const lease = view.leaseOf(request.mac)
  if (lease !== undefined && lease.state === 'bound' && lease.ip !== ip && lease.expiresAtMs > nowMs)
    return { kind: 'nak', reason: 'another address is leased' }
  // Leasable and free without a record: our database was lost and the client remembers better.
  if (!isLeasable(subnet, ip, request.mac) || !isAvailable(view, ip, request.mac, nowMs))
    return { kind: 'nak', reason: 'address not available' }
  const leaseSeconds = leaseSecondsFor(subnet, request.stage, request)
  const rebooted = requestState(request).kind === 'init-reboot'
  const runsOutMs = nowMs + leaseSeconds * 1000
  // A rebooted machine may shorten its lease, a renewal never does.
  const expiresAtMs =
    rebooted || lease === undefined || lease.state !== 'bound'
      ? runsOutMs
      : Math.max(runsOutMs, lease.expiresAtMs)
  const reason = lease?.ip === ip ? (rebooted ? 'rebooted' : 'extended') : 'adopted'
  return acknowledge(request, ip, leaseSeconds, expiresAtMs, reason, nowMs)
}

function acknowledge(
  { mac, stage, hostName }: Request,
  ip: Ipv4,
  leaseSeconds: number,
  expiresAtMs: number,
  reason: string,
  nowMs: number,
): Decision {
  const lease = { ip, mac, state: 'bound' as const, stage, expiresAtMs, seenAtMs: nowMs }
  return {
    kind: 'ack',
    ip,
    leaseSeconds,
    lease: hostName === undefined ? lease : { ...lease, hostName },
    reason,
  }
}
