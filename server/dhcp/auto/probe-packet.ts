import { type Ipv4, UNSPECIFIED } from '../../../config/values/ipv4.ts'
import { type Mac, macToBytes } from '../../../config/values/mac.ts'
import { decode } from '../decode.ts'
import { encode } from '../encode.ts'
import { MESSAGE, OPTION } from '../options/code.ts'
import { readIp, readNumber, u8 } from '../options/value.ts'
import { BROADCAST_FLAG } from '../packet.ts'

/** A DISCOVER like any client's; the answer is to be broadcast, since we will not have the address it offers. */
export function probePacket(mac: Mac, xid: number): Uint8Array {
  const chaddr = new Uint8Array(16)
  chaddr.set(macToBytes(mac))
  return encode({
    op: 1,
    htype: 1,
    hlen: 6,
    hops: 0,
    xid,
    secs: 0,
    flags: BROADCAST_FLAG,
    ciaddr: UNSPECIFIED,
    yiaddr: UNSPECIFIED,
    siaddr: UNSPECIFIED,
    giaddr: UNSPECIFIED,
    chaddr,
    sname: '',
    file: '',
    options: new Map([
      [OPTION.messageType, u8(MESSAGE.discover)],
      [OPTION.parameterList, Uint8Array.of(OPTION.subnetMask, OPTION.router)],
    ]),
  })
}

/**
 * The server that a packet heard on the client's port comes from, when it leases addresses: option 54 of an OFFER or
 * ACK, else `source`. `undefined` for a proxy, a NAK, and for what is no reply.
 */
export function leasingServer(bytes: Uint8Array, source: Ipv4): Ipv4 | undefined {
  const decoded = decode(bytes)
  if (decoded.kind !== 'packet') return undefined
  const { op, yiaddr, options } = decoded.packet
  const type = readNumber(options.get(OPTION.messageType))
  if (op !== 2 || yiaddr === UNSPECIFIED || (type !== MESSAGE.offer && type !== MESSAGE.ack)) return undefined
  return readIp(options.get(OPTION.serverId)) ?? source
}
