import { type Ipv4, ipv4ToNumber, LIMITED_BROADCAST, UNSPECIFIED } from '../../config/values/ipv4.ts'
import { CLIENT_PORT, type Endpoint, SERVER_PORT } from './packet.ts'
import type { Answer } from './reply.ts'
import type { Request } from './request.ts'

/** Where a reply goes, or why it must not be sent. */
export type Destination =
  | { readonly kind: 'to'; readonly endpoint: Endpoint }
  | { readonly kind: 'nowhere'; readonly reason: string }

/**
 * The table of RFC 2131 §4.1, first match wins. A client that can take unicast but has no address yet would
 * need a raw socket; RFC 2131 §4.1 lets us broadcast instead, and every known PXE client takes that.
 */
export function destinationOf(kind: Answer['kind'], request: Request): Destination {
  const { giaddr, ciaddr } = request.packet
  if (giaddr !== UNSPECIFIED) return unicast(giaddr, SERVER_PORT)
  if (kind === 'nak') return broadcast()
  if (kind === 'inform')
    return ciaddr === UNSPECIFIED
      ? unicast(request.source.address, request.source.port)
      : unicast(ciaddr, CLIENT_PORT)
  if (kind === 'ack' && ciaddr !== UNSPECIFIED) return unicast(ciaddr, CLIENT_PORT)
  return broadcast()
}

function broadcast(): Destination {
  return { kind: 'to', endpoint: { address: LIMITED_BROADCAST, port: CLIENT_PORT } }
}

/** Addresses come from the request, so a forged one must not turn us on ourselves or on a multicast group. */
function unicast(address: Ipv4, port: number): Destination {
  const first = ipv4ToNumber(address) >>> 24
  return first === 0 || first === 127 || first >= 224
    ? { kind: 'nowhere', reason: 'the reply address is no host' }
    : { kind: 'to', endpoint: { address, port } }
}
