import { cidrContains } from '../../config/values/cidr.ts'
import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import { MESSAGE } from './options/code.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/**
 * The subnet a request belongs to: the relay's (giaddr), the client's own for what it sends by unicast
 * (a renewal carries no giaddr even behind a relay, RFC 2131 §4.3.2), else the first, which is the one the
 * server's interface faces. `undefined`: not one of ours.
 */
export function selectSubnet(subnets: readonly Subnet[], request: Request): Subnet | undefined {
  const { giaddr, ciaddr } = request.packet
  if (giaddr !== UNSPECIFIED) return subnets.find(({ link }) => cidrContains(link, giaddr))
  const byOwnAddress = request.source.delivery === 'unicast' && request.messageType !== MESSAGE.discover
  if (!byOwnAddress || ciaddr === UNSPECIFIED) return subnets[0]
  return subnets.find(({ link }) => cidrContains(link, ciaddr))
}
