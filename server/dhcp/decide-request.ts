import { cidrContains } from '../../config/values/cidr.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Decision } from './decision.ts'
import { type Hold, isAvailable, type Lease, type LeaseView } from './lease.ts'
import { durableSeconds, expiryMs, leaseSecondsFor } from './lease-time.ts'
import { isOurs } from './link.ts'
import type { Request } from './request.ts'
import { requestState } from './request-state.ts'
import { isLeasable, type Subnet } from './subnet.ts'

/** What to do about a REQUEST in each of the client's states (RFC 2131 §4.3.2). */
export function decideRequest(request: Request, subnet: Subnet, view: LeaseView, nowMs: number): Decision {
  const state = requestState(request)
  switch (state.kind) {
    case 'selecting':
      // Another server won. A NAK here would fight it.
      if (!isOurs(state.serverId, subnet, request))
        return { kind: 'withdraw', reason: 'client chose another server' }
      return decideSelecting(request, subnet, view, state.ip, nowMs)
    case 'init-reboot':
    case 'rebinding':
    case 'renewing':
      return decideKeeping(request, subnet, view, state, nowMs)
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
  const { identity } = request
  const hold = view.holdOf(identity, subnet, nowMs)
  if (hold !== undefined && hold.ip !== ip) return { kind: 'nak', reason: 'not the address offered' }
  const lease = view.leaseOf(identity, subnet)
  const again = repeated(hold, request.packet.xid, lease, nowMs)
  if (again !== undefined) return again
  if (!isLeasable(subnet, ip, request.mac) || !isAvailable(view, ip, identity, nowMs))
    return { kind: 'nak', reason: 'address not available' }
  const offered = hold?.acknowledged === false ? hold.leaseSeconds : undefined
  const wantedSeconds = offered ?? leaseSecondsFor(subnet, request.stage, request)
  const durable = durableSeconds(lease, ip, request, wantedSeconds, nowMs)
  if (durable !== undefined)
    return { kind: 'ack', ip, leaseSeconds: durable, lease: undefined, reason: 'selected, still leased' }
  return acknowledge(request, ip, wantedSeconds, expiryMs(wantedSeconds, nowMs), 'selected', nowMs)
}

/** The ACK once more for a client that missed it: nothing is written, so no more is promised than is left. */
function repeated(
  hold: Hold | undefined,
  xid: number,
  lease: Lease | undefined,
  nowMs: number,
): Decision | undefined {
  if (!hold?.acknowledged || hold.xid !== xid || lease?.state !== 'bound' || lease.ip !== hold.ip)
    return undefined
  const leftSeconds = Math.floor((lease.expiresAtMs - nowMs) / 1000)
  if (leftSeconds <= 0) return undefined
  const leaseSeconds = Math.min(leftSeconds, hold.leaseSeconds)
  return { kind: 'ack', ip: hold.ip, leaseSeconds, lease: undefined, reason: 'repeated request' }
}

/** The client believes it has `ip`: after a reboot (INIT-REBOOT), or to extend it (RENEWING, REBINDING). */
function decideKeeping(
  request: Request,
  subnet: Subnet,
  view: LeaseView,
  { kind, ip }: { readonly kind: 'init-reboot' | 'renewing' | 'rebinding'; readonly ip: Ipv4 },
  nowMs: number,
): Decision {
  const lease = view.leaseOf(request.identity, subnet)
  const refusal = whyNotKept(request, subnet, view, lease, ip, nowMs)
  // Who is not known here may be at home with another server (RFC 2131 §4.3.2).
  if (lease?.ip !== ip && !subnet.policy.authoritative && !isKnownOrTaken(view, lease, ip, nowMs))
    return { kind: 'ignore', reason: 'no record of this machine' }
  if (refusal !== undefined) return { kind: 'nak', reason: refusal }
  const leaseSeconds = leaseSecondsFor(subnet, request.stage, request)
  const rebooted = kind === 'init-reboot'
  const runsOutMs = expiryMs(leaseSeconds, nowMs)
  // A rebooted machine may shorten its lease, a renewal never does.
  const expiresAtMs =
    rebooted || lease === undefined || lease.state !== 'bound'
      ? runsOutMs
      : Math.max(runsOutMs, lease.expiresAtMs)
  const reason = lease?.ip === ip ? (rebooted ? 'rebooted' : 'extended') : 'adopted'
  return acknowledge(request, ip, leaseSeconds, expiresAtMs, reason, nowMs)
}

/** Why the client must not keep `ip`; leasable and free without a record means that our database was lost. */
function whyNotKept(
  { identity, mac }: Request,
  subnet: Subnet,
  view: LeaseView,
  lease: Lease | undefined,
  ip: Ipv4,
  nowMs: number,
): string | undefined {
  if (!cidrContains(subnet.link, ip)) return 'wrong network'
  if (lease !== undefined && lease.state === 'bound' && lease.ip !== ip && lease.expiresAtMs > nowMs)
    return 'another address is leased'
  if (!isLeasable(subnet, ip, mac) || !isAvailable(view, ip, identity, nowMs)) return 'address not available'
  return undefined
}

/** Whether we have a record that settles the matter: of this machine, or of the address as somebody else's. */
function isKnownOrTaken(view: LeaseView, own: Lease | undefined, ip: Ipv4, nowMs: number): boolean {
  const theirs = view.leaseAt(ip)
  return own !== undefined || (theirs !== undefined && theirs.expiresAtMs > nowMs)
}

function acknowledge(
  { mac, identity, stage, hostName }: Request,
  ip: Ipv4,
  leaseSeconds: number,
  expiresAtMs: number,
  reason: string,
  nowMs: number,
): Decision {
  const lease: Lease = { ip, mac, state: 'bound', stage, expiresAtMs, seenAtMs: nowMs }
  if (identity !== mac) lease.identity = identity
  if (hostName !== undefined) lease.hostName = hostName
  return { kind: 'ack', ip, leaseSeconds, lease, reason }
}
