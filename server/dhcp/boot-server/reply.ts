import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { styleOf } from '../boot-options.ts'
import type { BootTurn } from '../frozen-boot.ts'
import { OPTION } from '../options/code.ts'
import { type BootItem, pxeBootItem } from '../options/pxe-vendor.ts'
import type { DhcpPacket } from '../packet.ts'
import { buildProxyReply } from '../proxy/reply.ts'
import type { Request } from '../request.ts'
import type { Style } from '../styles/style.ts'

/**
 * The ACK of a boot server (PXE 2.1 §2.2.6), whatever was asked: like a proxy's, with the file always in it, and the
 * boot item the client chose. Who comes here follows our redirection or ignores it, so there is no second one.
 */
export function buildBootServerReply(
  request: Request,
  serverId: Ipv4,
  { stage, boot }: BootTurn,
  item: BootItem | undefined,
): DhcpPacket {
  const style = withFile(styleOf({ stage, boot }))
  const turn: BootTurn = { stage, boot: boot && { ...boot, style } }
  const chosen = item === undefined ? [] : [[OPTION.vendorSpecific, pxeBootItem(item)] as const]
  return buildProxyReply('ack', request, serverId, turn, chosen)
}

function withFile(style: Style): Style {
  return {
    ...style,
    vendorClass: true,
    vendorSpecific: style.vendorSpecific === 'menu' ? 'bypass' : style.vendorSpecific,
    names: style.names === 'none' ? 'header-and-options' : style.names,
  }
}
