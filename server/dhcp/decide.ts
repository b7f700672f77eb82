import { decideBootp } from './decide-bootp.ts'
import { decideRequest } from './decide-request.ts'
import { decideDecline, decideInform, decideRelease } from './decide-rest.ts'
import type { Decision } from './decision.ts'
import type { LeaseView } from './lease.ts'
import { durableSeconds, leaseSecondsFor } from './lease-time.ts'
import { BOOTP, MESSAGE } from './options/code.ts'
import { chooseAddress } from './pool.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** The one DHCP decision (RFC 2131 §4.3), as the only server of this subnet; pure. */
export function decide(request: Request, subnet: Subnet, view: LeaseView, nowMs: number): Decision {
  switch (request.messageType) {
    case BOOTP:
      return decideBootp(request, subnet, view, nowMs)
    case MESSAGE.discover:
      return decideDiscover(request, subnet, view, nowMs)
    case MESSAGE.request:
      return decideRequest(request, subnet, view, nowMs)
    case MESSAGE.decline:
      return decideDecline(request, subnet, view, nowMs)
    case MESSAGE.release:
      return decideRelease(request, subnet, view, nowMs)
    case MESSAGE.inform:
      return decideInform(request, subnet)
    default:
      return { kind: 'ignore', reason: 'a message type only servers send' }
  }
}

function decideDiscover(request: Request, subnet: Subnet, view: LeaseView, nowMs: number): Decision {
  const choice = chooseAddress(subnet, view, request, request.requestedIp, nowMs)
  if (choice.kind === 'none') return { kind: 'exhausted', reason: choice.reason }
  const { ip, why, isNew } = choice
  const wantedSeconds = leaseSecondsFor(subnet, request.stage, request)
  const lease = view.leaseOf(request.identity, subnet)
  const leaseSeconds = durableSeconds(lease, ip, request, wantedSeconds, nowMs) ?? wantedSeconds
  return { kind: 'offer', ip, leaseSeconds, reason: why, isNew }
}
