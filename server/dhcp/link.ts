import { cidrContains, isBroadcastOf, isNetworkOf } from '../../config/values/cidr.ts'
import { type Ipv4, UNSPECIFIED } from '../../config/values/ipv4.ts'
import { MESSAGE, OPTION } from './options/code.ts'
import { ipIn } from './options/in-place.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/**
 * The subnet a request belongs to: the one its relay is in or points to, the client's own for what it sends by
 * unicast (a renewal carries no giaddr even behind a relay, RFC 2131 §4.3.2), else the first, which is the one
 * the server's interface faces. `undefined`: not one of ours.
 */
export function selectSubnet(subnets: readonly Subnet[], request: Request): Subnet | undefined {
  const { giaddr, ciaddr } = request.packet
  if (giaddr !== UNSPECIFIED) return selectRelayed(subnets, request, giaddr)
  const byOwnAddress = request.source.delivery === 'unicast' && request.messageType !== MESSAGE.discover
  if (!byOwnAddress || ciaddr === UNSPECIFIED) return subnets[0]
  return containing(subnets, ciaddr)
}

/**
 * A relay in none of our subnets is a stranger: its giaddr is where the answer would go. Of a known one we take
 * the network it selects (RFC 3527), else the one its client selects (RFC 3011), else its own.
 */
function selectRelayed(subnets: readonly Subnet[], request: Request, giaddr: Ipv4): Subnet | undefined {
  const home = containing(subnets, giaddr)
  if (home === undefined || isBroadcastOf(home.link, giaddr) || isNetworkOf(home.link, giaddr))
    return undefined
  const selected = request.relay.linkSelection ?? ipIn(request.packet.options, OPTION.subnetSelection)
  return selected === undefined ? home : containing(subnets, selected)
}

function containing(subnets: readonly Subnet[], address: Ipv4): Subnet | undefined {
  for (const subnet of subnets) if (cidrContains(subnet.link, address)) return subnet
  return undefined
}

/** Whether the client's subnet selection was followed: only then it is given back (RFC 3011 §3). */
export function honoursSubnetSelection(subnet: Subnet, request: Request): boolean {
  if (request.packet.giaddr === UNSPECIFIED || request.relay.linkSelection !== undefined) return false
  const selected = ipIn(request.packet.options, OPTION.subnetSelection)
  return selected !== undefined && cidrContains(subnet.link, selected)
}

/** What we call ourselves towards this client: its relay's name for us (RFC 5107), else our own address. */
export function serverIdFor(subnet: Subnet, request: Request): Ipv4 {
  return request.relay.serverId ?? subnet.serverId
}

/** Whether `id` means us. */
export function isOurs(id: Ipv4, subnet: Subnet, request: Request): boolean {
  return id === subnet.serverId || subnet.ownAddresses.has(id) || id === request.relay.serverId
}
