import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import { bootFields, bootOptions, styleOf } from './boot-options.ts'
import type { Decision } from './decision.ts'
import type { BootTurn } from './frozen-boot.ts'
import { serverIdFor } from './link.ts'
import type { Options } from './options/area.ts'
import { BOOTP, MESSAGE, OPTION } from './options/code.ts'
import { replyLimitBytes } from './options/size-limit.ts'
import { text } from './options/value.ts'
import { orderedOptions } from './ordered-options.ts'
import { BROADCAST_FLAG, type DhcpPacket } from './packet.ts'
import { fitToLimit, spillToLimit } from './reply-fit.ts'
import { echoedOptions, leaseOptions, messageOptions, networkOptions } from './reply-options.ts'
import { replyPacket } from './reply-packet.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

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
  const options = grantOptions(answer, request, subnet, turn)
  const limitBytes = replyLimitBytes(request.packet.options)
  const isSystem = turn.stage === 'os' && turn.boot === undefined
  const { sname, file } = bootFields(turn)
  const grant = replyPacket(request, {
    ciaddr: answer.kind === 'offer' ? UNSPECIFIED : request.packet.ciaddr,
    yiaddr: answer.kind === 'inform' ? UNSPECIFIED : answer.ip,
    siaddr: turn.boot?.nextServer ?? UNSPECIFIED,
    sname,
    file,
    options: isSystem ? options : fitToLimit(options, limitBytes),
  })
  return isSystem ? spillToLimit(grant, limitBytes) : grant
}

function grantOptions(
  answer: Exclude<Answer, { kind: 'nak' }>,
  request: Request,
  subnet: Subnet,
  turn: BootTurn,
): Options {
  const echoed = echoedOptions(request, subnet, false)
  return orderedOptions(
    messageOptions(answer.kind === 'offer' ? MESSAGE.offer : MESSAGE.ack, serverIdFor(subnet, request)),
    answer.kind === 'inform' ? [] : leaseOptions(answer.leaseSeconds),
    networkOptions(request, subnet),
    bootOptions(turn, 'only'),
    styleOf(turn).machineId ? echoed : echoed.filter(([code]) => code !== OPTION.machineId),
  )
}

function buildNak(reason: string, request: Request, subnet: Subnet): DhcpPacket {
  const { giaddr, flags } = request.packet
  const nak = replyPacket(request, {
    options: orderedOptions(
      messageOptions(MESSAGE.nak, serverIdFor(subnet, request)),
      [[OPTION.message, text(reason)]],
      echoedOptions(request, subnet, true),
    ),
  })
  // The relay must broadcast it: the client may not own the address it uses (RFC 2131 §4.3.2).
  return giaddr === UNSPECIFIED ? nak : { ...nak, flags: flags | BROADCAST_FLAG }
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
