import type { Mac } from '../../config/values/mac.ts'
import { classify } from '../../server/dhcp/classify.ts'
import { decode } from '../../server/dhcp/decode.ts'
import { senderOf } from '../../server/dhcp/identity.ts'
import { archName } from '../../server/dhcp/options/client-arch.ts'
import { MESSAGE, OPTION } from '../../server/dhcp/options/code.ts'
import { readIp, readNumber, readText } from '../../server/dhcp/options/value.ts'
import type { DhcpPacket } from '../../server/dhcp/packet.ts'
import type { DhcpEvent } from './event.ts'
import type { Segment } from './segment.ts'

const PORTS: ReadonlySet<number> = new Set([67, 68, 4011])
const BOOT_OPTIONS = [
  OPTION.vendorSpecific,
  OPTION.vendorClass,
  OPTION.tftpServer,
  OPTION.bootFile,
  OPTION.machineId,
  OPTION.ipxe,
]
const NAMES = new Map<number, string>(
  Object.entries(MESSAGE).map(([name, code]) => [code, name.toUpperCase()]),
)

/** The DHCP messages among the segments, read with the server's own decoder. */
export function dhcpEvents(segments: readonly Segment[]): readonly DhcpEvent[] {
  return segments.flatMap(segment => {
    if (segment.protocol !== 'udp' || !(PORTS.has(segment.from.port) || PORTS.has(segment.to.port))) return []
    const decoded = decode(segment.payload)
    const event = decoded.kind === 'packet' ? eventOf(segment, decoded.packet) : undefined
    return event === undefined ? [] : [event]
  })
}

function eventOf({ atMs, from, to }: Segment, packet: DhcpPacket): DhcpEvent | undefined {
  const mac = macOf(packet)
  if (mac === undefined) return undefined
  const { options } = packet
  const type = readNumber(options.get(OPTION.messageType))
  const asked =
    packet.op === 1
      ? classify(packet, { address: from.ip, port: from.port, delivery: 'broadcast' })
      : undefined
  const request = asked?.kind === 'request' ? asked.request : undefined
  const bootFile = options.get(OPTION.bootFile)
  return {
    kind: 'dhcp',
    atMs,
    mac,
    message: type === undefined ? 'BOOTP' : (NAMES.get(type) ?? `message ${type}`),
    from: from.ip,
    bootServer: to.port === 4011 || from.port === 4011,
    stage: request?.stage,
    arch: request === undefined || request.stage === 'os' ? undefined : archName(request.client.arch),
    server: readIp(options.get(OPTION.serverId)),
    address: packet.yiaddr,
    file: packet.file !== '' || bootFile === undefined ? packet.file : readText(bootFile),
    nextServer: packet.siaddr,
    bootOptions: BOOT_OPTIONS.filter(code => options.has(code)),
  }
}

function macOf(packet: DhcpPacket): Mac | undefined {
  const sender = senderOf(packet)
  return sender.kind === 'sender' ? sender.mac : undefined
}
