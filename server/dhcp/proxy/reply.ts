import { type Ipv4, UNSPECIFIED } from '../../../config/values/ipv4.ts'
import { bootFields, bootOptions, styleOf } from '../boot-options.ts'
import type { BootTurn } from '../frozen-boot.ts'
import { MESSAGE, OPTION } from '../options/code.ts'
import { replyLimitBytes } from '../options/size-limit.ts'
import { ips, u8 } from '../options/value.ts'
import type { DhcpPacket } from '../packet.ts'
import { fitToLimit } from '../reply-fit.ts'
import { replyHeader } from '../reply-header.ts'
import { echoedByProxy } from '../reply-options.ts'
import type { Request } from '../request.ts'
import type { OptionPairs } from '../subnet-options.ts'

/**
 * A proxy's OFFER or ACK (PXE 2.1 §2.2.5): no address, no lease times, no network parameters; who we are and what to
 * boot. `pairs` replace options of the same code.
 */
export function buildProxyReply(
  kind: 'offer' | 'ack',
  request: Request,
  serverId: Ipv4,
  turn: BootTurn,
  pairs: OptionPairs = [],
): DhcpPacket {
  const options: OptionPairs = [
    [OPTION.messageType, u8(kind === 'offer' ? MESSAGE.offer : MESSAGE.ack)],
    [OPTION.serverId, ips([serverId])],
    ...bootOptions(turn, 'proxy'),
    ...echoedByProxy(request, styleOf(turn).machineId),
    ...pairs,
  ]
  const limitBytes = replyLimitBytes(request.packet.options.get(OPTION.maxMessageSize))
  return {
    ...replyHeader(request),
    ciaddr: kind === 'offer' ? UNSPECIFIED : request.packet.ciaddr,
    siaddr: turn.boot?.nextServer ?? UNSPECIFIED,
    ...bootFields(turn),
    options: fitToLimit(new Map(options), limitBytes),
  }
}
