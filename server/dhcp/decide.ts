import { decideRequest } from './decide-request.ts'
import { decideDecline, decideInform, decideRelease } from './decide-rest.ts'
import type { Decision } from './decision.ts'
import type { LeaseView } from './lease.ts'
import { leaseSecondsFor } from './lease-time.ts'
import { MESSAGE } from './options/code.ts'
import { chooseAddress } from './pool.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** The one DHCP decision (RFC 2131 §4.3), as the only server of this subnet; pure. */
export function decide(request: Request, subnet: Subnet, view: LeaseView, nowMs: number): Decision {
  switch (request.messageType) {
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
  const choice = chooseAddress(subnet, view, request.mac, request.requestedIp, nowMs)
  if (choice.kind === 'none') return { kind: 'exhausted', reason: choice.reason }
  const leaseSeconds = leaseSecondsFor(subnet, request.stage, request)
  return { kind: 'offer', ip: choice.ip, leaseSeconds, reason: choice.why }
}
