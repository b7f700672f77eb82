import { type Ipv4, UNSPECIFIED } from '../../../config/values/ipv4.ts'
import { bootFields, bootOptions, styleOf } from '../boot-options.ts'
import type { BootTurn } from '../frozen-boot.ts'
import { MESSAGE } from '../options/code.ts'
import { replyLimitBytes } from '../options/size-limit.ts'
import { type OptionPairs, orderedOptions } from '../ordered-options.ts'
import type { DhcpPacket } from '../packet.ts'
import { fitToLimit } from '../reply-fit.ts'
import { echoedByProxy, messageOptions } from '../reply-options.ts'
import { replyPacket } from '../reply-packet.ts'
import type { Request } from '../request.ts'

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
  const options = orderedOptions(
    messageOptions(kind === 'offer' ? MESSAGE.offer : MESSAGE.ack, serverId),
    bootOptions(turn, 'proxy'),
    echoedByProxy(request, styleOf(turn).machineId),
    pairs,
  )
  const limitBytes = replyLimitBytes(request.packet.options)
  const { sname, file } = bootFields(turn)
  return replyPacket(request, {
    ciaddr: kind === 'offer' ? UNSPECIFIED : request.packet.ciaddr,
    siaddr: turn.boot?.nextServer ?? UNSPECIFIED,
    sname,
    file,
    options: fitToLimit(options, limitBytes),
  })
}
