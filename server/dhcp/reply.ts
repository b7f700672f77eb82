import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import type { Decision } from './decision.ts'
import type { BootTurn } from './frozen-boot.ts'
import { MESSAGE, OPTION } from './options/code.ts'
import { replyLimitBytes } from './options/size-limit.ts'
import { ips, text, u8 } from './options/value.ts'
import { BROADCAST_FLAG, type DhcpPacket, FILE_BYTES } from './packet.ts'
import { fitToLimit } from './reply-fit.ts'
import {
  bootOptions,
  echoedOptions,
  leaseOptions,
  networkOptions,
  type OptionPairs,
} from './reply-options.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** The decisions that make a packet. */
export type Answer = Extract<Decision, { kind: 'offer' | 'ack' | 'inform' | 'nak' }>

/** The packet that tells the client of the decision (RFC 2131 §4.3.1, Table 3). */
export function buildReply(answer: Answer, request: Request, subnet: Subnet, turn: BootTurn): DhcpPacket {
  return answer.kind === 'nak'
    ? buildNak(answer.reason, request, subnet)
    : buildGrant(answer, request, subnet, turn)
}

function buildGrant(
  answer: Exclude<Answer, { kind: 'nak' }>,
  request: Request,
  subnet: Subnet,
  turn: BootTurn,
): DhcpPacket {
  const lease = answer.kind === 'inform' ? [] : leaseOptions(answer.leaseSeconds)
  const pairs: OptionPairs = [
    [OPTION.messageType, u8(answer.kind === 'offer' ? MESSAGE.offer : MESSAGE.ack)],
    [OPTION.serverId, ips([subnet.serverId])],
    ...lease,
    ...networkOptions(request, subnet),
    ...bootOptions(turn),
    ...echoedOptions(request, true),
  ]
  const limitBytes = replyLimitBytes(request.packet.options.get(OPTION.maxMessageSize))
  return {
    ...replyHeader(request),
    ciaddr: answer.kind === 'offer' ? UNSPECIFIED : request.packet.ciaddr,
    yiaddr: answer.kind === 'inform' ? UNSPECIFIED : answer.ip,
    siaddr: turn.boot?.nextServer ?? UNSPECIFIED,
    ...bootFields(turn),
    options: fitToLimit(new Map(pairs), limitBytes),
  }
}

/**
 * `sname` and `file`, which most ROMs read rather than 66 and 67. UEFI HTTP boot takes its URL from 67 alone;
 * a URL too long for `file` goes there alone as well, for a cut one would fetch something else.
 */
function bootFields({ stage, boot }: BootTurn): Pick<DhcpPacket, 'sname' | 'file'> {
  if (boot === undefined || stage === 'uefi-http') return { sname: '', file: '' }
  return {
    sname: stage === 'rom' ? boot.nextServer : '',
    file: boot.file.length < FILE_BYTES ? boot.file : '',
  }
}

function buildNak(reason: string, request: Request, subnet: Subnet): DhcpPacket {
  const header = replyHeader(request)
  return {
    ...header,
    // The relay must broadcast it: the client may not own the address it uses (RFC 2131 §4.3.2).
    flags: header.giaddr === UNSPECIFIED ? header.flags : header.flags | BROADCAST_FLAG,
    options: new Map([
      [OPTION.messageType, u8(MESSAGE.nak)],
      [OPTION.serverId, ips([subnet.serverId])],
      [OPTION.message, text(reason)],
      ...echoedOptions(request, false),
    ]),
  }
}

/** The header every reply starts from: addresses zero, hops and secs zero, the rest copied. */
function replyHeader({ packet }: Request): Omit<DhcpPacket, 'options'> {
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
