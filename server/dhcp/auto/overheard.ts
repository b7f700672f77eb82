import { type Cidr, cidrContains } from '../../../config/values/cidr.ts'
import { type Ipv4, LIMITED_BROADCAST, UNSPECIFIED } from '../../../config/values/ipv4.ts'
import { decode } from '../decode.ts'
import { MESSAGE, OPTION } from '../options/code.ts'
import { readIp, readNumber } from '../options/value.ts'
import type { Source } from '../packet.ts'
import { leasingServer } from './probe-packet.ts'

/**
 * The other DHCP server that a packet heard on the server's port gives away: one that answers a relay (op 2), or one
 * that a client chooses aloud (a broadcast REQUEST with its option 54). `isOurs` tells our own names; a relay's client
 * may choose a server that is on its network and not on ours. Only packets of `link` count: we stop leasing for what is
 * overheard, and nobody far away may make us.
 */
export function overheardServer(
  bytes: Uint8Array,
  source: Source,
  link: Cidr,
  isOurs: (server: Ipv4) => boolean,
): Ipv4 | undefined {
  // What a relay sends us is no news; it is also most of what a busy server hears.
  if (bytes[0] === 1 && source.delivery !== 'broadcast') return undefined
  if (source.address !== UNSPECIFIED && !cidrContains(link, source.address)) return undefined
  const server = leasingServer(bytes, source.address) ?? chosenServer(bytes)
  if (server === undefined || server === UNSPECIFIED || server === LIMITED_BROADCAST) return undefined
  return isOurs(server) ? undefined : server
}

function chosenServer(bytes: Uint8Array): Ipv4 | undefined {
  const decoded = decode(bytes)
  if (decoded.kind !== 'packet') return undefined
  const { op, giaddr, options } = decoded.packet
  const isRequest = readNumber(options.get(OPTION.messageType)) === MESSAGE.request
  if (op !== 1 || giaddr !== UNSPECIFIED || !isRequest || !options.has(OPTION.requestedIp)) return undefined
  return readIp(options.get(OPTION.serverId))
}
