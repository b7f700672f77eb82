import type { Mac } from '../../../config/values/mac.ts'
import { macToBytes } from '../../../config/values/mac.ts'
import { decode } from '../../../server/dhcp/decode.ts'
import type { DhcpPacket } from '../../../server/dhcp/packet.ts'
import { captureBytes } from './captures.ts'
import { MACHINE } from './scene.ts'

/** A recorded packet as if `who` had sent it with the xid of the golden vectors. */
export function recordedAs(name: string, who: Mac = MACHINE): DhcpPacket {
  const decoded = decode(captureBytes(name))
  if (decoded.kind !== 'packet') throw new Error(decoded.reason)
  const chaddr = new Uint8Array(16)
  chaddr.set(macToBytes(who))
  return { ...decoded.packet, chaddr, xid: 0x1122_3344 }
}
