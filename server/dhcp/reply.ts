import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import { bootFields, bootOptions, styleOf } from './boot-options.ts'
import type { Decision } from './decision.ts'
import type { BootTurn } from './frozen-boot.ts'
import { serverIdFor } from './link.ts'
import { BOOTP, MESSAGE, OPTION } from './options/code.ts'
import { replyLimitBytes } from './options/size-limit.ts'
import { ips, text, u8 } from './options/value.ts'
import { BROADCAST_FLAG, type DhcpPacket } from './packet.ts'
import { fitToLimit, spillToLimit } from './reply-fit.ts'
import { replyHeader } from './reply-header.ts'
import { echoedOptions, leaseOptions, networkOptions } from './reply-options.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'
import type { OptionPairs } from './subnet-options.ts'

/** The decisions that make a packet. */
export type Answer = Extract<Decision, { kind: 'offer' | 'ack' | 'inform' | 'nak' }>

/** The packet that tells the client of the decision (RFC 2131 §4.3.1, Table 3). */
export function buildReply(answer: Answer, request: Request, subnet: Subnet, turn: BootTurn): DhcpPacket {
  if (answer.kind === 'nak') return buildNak(answer.reason, request, subnet)
  const grant = buildGrant(answer, request, subnet, turn)
  return request.messageType === BOOTP ? asBootp(grant) : grant
}

function buildGrant(
  answer: Exclude<Answer, { kind: 'nak' }>,
  request: Request,
  subnet: Subnet,
  turn: BootTurn,
): DhcpPacket {
  const lease = answer.kind === 'inform' ? [] : leaseOptions(answer.leaseSeconds)
  const { machineId } = styleOf(turn)
  const pairs: OptionPairs = [
    [OPTION.messageType, u8(answer.kind === 'offer' ? MESSAGE.offer : MESSAGE.ack)],
    [OPTION.serverId, ips([serverIdFor(subnet, request)])],
    ...lease,
    ...networkOptions(request, subnet),
    ...bootOptions(turn, 'only'),
    ...echoedOptions(request, subnet, false).filter(([code]) => machineId || code !== OPTION.machineId),
  ]
  const limitBytes = replyLimitBytes(request.packet.options.get(OPTION.maxMessageSize))
  const grant = {
    ...replyHeader(request),
    ciaddr: answer.kind === 'offer' ? UNSPECIFIED : request.packet.ciaddr,
    yiaddr: answer.kind === 'inform' ? UNSPECIFIED : answer.ip,
    siaddr: turn.boot?.nextServer ?? UNSPECIFIED,
    ...bootFields(turn),
    options: new Map(pairs),
  }
  return turn.stage === 'os' && turn.boot === undefined
    ? spillToLimit(grant, limitBytes)
    : { ...grant, options: fitToLimit(grant.options, limitBytes) }
}

function buildNak(reason: string, request: Request, subnet: Subnet): DhcpPacket {
  const header = replyHeader(request)
  return {
    ...header,
    // The relay must broadcast it: the client may not own the address it uses (RFC 2131 §4.3.2).
    flags: header.giaddr === UNSPECIFIED ? header.flags : header.flags | BROADCAST_FLAG,
    options: new Map([
      [OPTION.messageType, u8(MESSAGE.nak)],
      [OPTION.serverId, ips([serverIdFor(subnet, request)])],
      [OPTION.message, text(reason)],
      ...echoedOptions(request, subnet, true),
    ]),
  }
}

/** The vendor area of BOOTP: 64 octets, cookie and END included (RFC 951 §3, RFC 1497). */
const BOOTP_BYTES = 300
const BOOTP_KNOWS: readonly number[] = [
  OPTION.subnetMask,
  OPTION.router,
  OPTION.dns,
  OPTION.hostName,
  OPTION.domain,
]

/** What a BOOTP client understands: the header, and of the options those of its own time that fit. */
function asBootp(grant: DhcpPacket): DhcpPacket {
  const known = [...grant.options].filter(([code]) => BOOTP_KNOWS.includes(code))
  return { ...grant, options: fitToLimit(new Map(known), BOOTP_BYTES) }
}
