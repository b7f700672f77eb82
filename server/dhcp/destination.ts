import { cidrContains, isBroadcastOf } from '../../config/values/cidr.ts'
import { type Ipv4, ipv4ToNumber, LIMITED_BROADCAST, UNSPECIFIED } from '../../config/values/ipv4.ts'
import { CLIENT_PORT, type Endpoint, SERVER_PORT } from './packet.ts'
import type { Answer } from './reply.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** Where a reply goes, or why it must not be sent. */
export type Destination =
  | { readonly kind: 'to'; readonly endpoint: Endpoint }
  | { readonly kind: 'nowhere'; readonly reason: string }

/**
 * The table of RFC 2131 §4.1, first match wins. A client that can take unicast but has no address yet would
 * need a raw socket; RFC 2131 §4.1 lets us broadcast instead, and every known PXE client takes that.
 */
export function destinationOf(kind: Answer['kind'], request: Request, subnet: Subnet): Destination {
  const { giaddr, ciaddr } = request.packet
  if (giaddr !== UNSPECIFIED)
    return unicast(giaddr, request.relay.usesSourcePort ? request.source.port : SERVER_PORT, subnet)
  if (kind === 'nak') return broadcast()
  if (kind === 'inform')
    return ciaddr === UNSPECIFIED
      ? unicast(request.source.address, request.source.port, subnet)
      : unicast(ciaddr, CLIENT_PORT, subnet)
  if (kind !== 'ack' || !hasItsAddress(request)) return broadcast()
  // A proxy is asked by clients of other servers: their address may be anything.
  if (!cidrContains(subnet.link, ciaddr))
    return { kind: 'nowhere', reason: 'the client is on another network' }
  return unicast(ciaddr, CLIENT_PORT, subnet)
}

/** Old clients fill in ciaddr while they select or reboot, and do not hear that address yet. */
function hasItsAddress({ packet: { ciaddr }, requestedIp, serverId }: Request): boolean {
  if (ciaddr === UNSPECIFIED) return false
  return requestedIp === undefined || (requestedIp === ciaddr && serverId === undefined)
}

function broadcast(): Destination {
  return { kind: 'to', endpoint: { address: LIMITED_BROADCAST, port: CLIENT_PORT } }
}

/** Addresses come from the request, so a forged one must not turn us on ourselves or on many machines at once. */
function unicast(address: Ipv4, port: number, subnet: Subnet): Destination {
  const first = ipv4ToNumber(address) >>> 24
  const isOne = first !== 0 && first !== 127 && first < 224 && !isBroadcastOf(subnet.link, address)
  return isOne && address !== subnet.serverId && !subnet.ownAddresses.has(address)
    ? { kind: 'to', endpoint: { address, port } }
    : { kind: 'nowhere', reason: 'the reply address is no host' }
}
