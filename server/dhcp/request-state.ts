import type { Ipv4 } from '../../config/values/ipv4.ts'
import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import type { Request } from './request.ts'

/**
 * The client state a REQUEST comes from (RFC 2131 §4.3.2, Table 4). `ip` is the address it wants.
 * `selecting` carries the server it chose.
 */
export type RequestState =
  | { readonly kind: 'selecting'; readonly ip: Ipv4; readonly serverId: Ipv4 }
  | { readonly kind: 'init-reboot'; readonly ip: Ipv4 }
  | { readonly kind: 'renewing'; readonly ip: Ipv4 }
  | { readonly kind: 'rebinding'; readonly ip: Ipv4 }
  | { readonly kind: 'unclear'; readonly reason: string }

/**
 * Reads the state from the fields; only RENEWING and REBINDING, which look alike, are told apart by delivery.
 * Deviations taken: dhcping sends ciaddr and 50 without 54 (a renewal when they agree); old clients fill
 * ciaddr while selecting (ignored); some embedded ones renew with 54 set.
 */
export function requestState(request: Request): RequestState {
  const { requestedIp, serverId } = request
  const ciaddr = request.packet.ciaddr === UNSPECIFIED ? undefined : request.packet.ciaddr
  const renewal = request.source.delivery === 'unicast' ? 'renewing' : 'rebinding'
  if (serverId !== undefined && requestedIp !== undefined)
    return { kind: 'selecting', ip: requestedIp, serverId }
  if (serverId !== undefined && ciaddr !== undefined) return { kind: 'selecting', ip: ciaddr, serverId }
  if (requestedIp !== undefined && requestedIp !== ciaddr) return { kind: 'init-reboot', ip: requestedIp }
  if (ciaddr !== undefined) return { kind: renewal, ip: ciaddr }
  return { kind: 'unclear', reason: 'REQUEST without an address' }
}
