import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import type { DhcpPacket } from './packet.ts'
import type { Request } from './request.ts'

/** The header every reply starts from: addresses zero, hops and secs zero, the rest copied. */
export function replyHeader({ packet }: Request): Omit<DhcpPacket, 'options'> {
  return {
    op: 2,
    htype: packet.htype,
    hlen: packet.hlen,
    hops: 0,
    xid: packet.xid,
    secs: 0,
    flags: packet.flags,
    ciaddr: UNSPECIFIED,
    yiaddr: UNSPECIFIED,
    siaddr: UNSPECIFIED,
    giaddr: packet.giaddr,
    chaddr: packet.chaddr,
    sname: '',
    file: '',
  }
}
