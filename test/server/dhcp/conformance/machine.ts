import { type Ipv4, UNSPECIFIED } from '../../../../config/values/ipv4.ts'
import type { Mac } from '../../../../config/values/mac.ts'
import { decode } from '../../../../server/dhcp/decode.ts'
import { readArea, type Tlv } from '../../../../server/dhcp/options/area.ts'
import { OPTION } from '../../../../server/dhcp/options/code.ts'
import type { DhcpPacket, Source } from '../../../../server/dhcp/packet.ts'
import { captureBytes } from '../captures.ts'
import { discover, mac, octets, packetOf, type Scene, select } from '../scene.ts'

/** Options as tests write them. */
export type Pairs = readonly (readonly [number, readonly number[]])[]

/** A recorded packet of a real client. */
export function recorded(name: string): DhcpPacket {
  const decoded = decode(captureBytes(name))
  if (decoded.kind === 'malformed') throw new Error(decoded.reason)
  return decoded.packet
}

/** The packet with these options changed or added. */
export function withOptions(packet: DhcpPacket, pairs: Pairs): DhcpPacket {
  const more = pairs.map(([code, value]) => [code, Uint8Array.from(value)] as const)
  return { ...packet, options: new Map([...packet.options, ...more]) }
}

/** Machine number `index`, up to 65,535. */
export function machine(index: number): Mac {
  const pair = (value: number) => value.toString(16).padStart(2, '0')
  return mac(`52:54:00:66:${pair(index >> 8)}:${pair(index & 255)}`)
}

/** A message of a type, with ciaddr and options. */
export function message(type: number, who: Mac, ciaddr: Ipv4 = UNSPECIFIED, options: Pairs = []): DhcpPacket {
  return packetOf({ mac: who, ciaddr, options: [[OPTION.messageType, [type]], ...options] })
}

/** INIT-REBOOT: 50 and neither server nor ciaddr. */
export function reboot(who: Mac, address: Ipv4): DhcpPacket {
  return message(3, who, UNSPECIFIED, [[OPTION.requestedIp, octets(address)]])
}

/** A source that sends by unicast. */
export function unicastFrom(address: Ipv4, port = 68): Source {
  return { address, port, delivery: 'unicast' }
}

/** DISCOVER to ACK; the address, or an error naming what did not come. */
export async function lease(
  { ask }: Pick<Scene, 'ask'>,
  who: Mac,
  more: Pairs = [],
  header: Partial<DhcpPacket> = {},
): Promise<Ipv4> {
  const offer = await ask({ ...discover(who, more), ...header })
  if (offer === undefined) throw new Error('no offer')
  const request = withOptions(select(who, offer.yiaddr), more)
  const ack = await ask({ ...request, ...header })
  if (ack?.options.get(OPTION.messageType)?.[0] !== 5) throw new Error('no ACK')
  return ack.yiaddr
}

/** The options as they stand on the wire. */
export function wireOptions(bytes: Uint8Array): readonly Tlv[] {
  return readArea(bytes.subarray(240)).tlvs
}

/** Their codes. */
export function wireCodes(bytes: Uint8Array): readonly number[] {
  return wireOptions(bytes).map(({ code }) => code)
}
