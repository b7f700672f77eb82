import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import type { DhcpPacket } from './packet.ts'
import type { Request } from './request.ts'

/** What a reply says of itself; addresses and names it leaves out are zero and empty. */
type Said = Pick<DhcpPacket, 'options'> &
  Partial<Pick<DhcpPacket, 'ciaddr' | 'yiaddr' | 'siaddr' | 'sname' | 'file'>>

/** A reply to the request: hops and secs zero, the rest of the header copied (RFC 2131 §4.3.1, Table 3). */
export function replyPacket({ packet }: Request, said: Said): DhcpPacket {
  return {
    op: 2,
    htype: packet.htype,
    hlen: packet.hlen,
    hops: 0,
    xid: packet.xid,
    secs: 0,
    flags: packet.flags,
    ciaddr: said.ciaddr ?? UNSPECIFIED,
    yiaddr: said.yiaddr ?? UNSPECIFIED,
    siaddr: said.siaddr ?? UNSPECIFIED,
    giaddr: packet.giaddr,
    chaddr: packet.chaddr,
    sname: said.sname ?? '',
    file: said.file ?? '',
    options: said.options,
  }
}
