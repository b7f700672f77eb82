import type { CapturedFrame } from '../../../cli/capture/pcap.ts'
import { type Ipv4, ipv4ToBytes } from '../../../config/values/ipv4.ts'

/** One end of a packet in a test: address and port. */
export type End = readonly [ip: string, port: number]

/** An Ethernet frame with one UDP datagram in it, `atMs` after the capture began. */
export function udpFrame(atMs: number, from: End, to: End, payload: Uint8Array): CapturedFrame {
  const udp = [...u16(from[1]), ...u16(to[1]), ...u16(8 + payload.length), 0, 0, ...payload]
  return frame(atMs, 17, from, to, udp)
}

/** An Ethernet frame with one TCP segment; `ack` and `seq` are relative to nothing, as on the wire. */
export function tcpFrame(
  atMs: number,
  from: End,
  to: End,
  { seq = 0, ack = 0, text = '' }: { seq?: number; ack?: number; text?: string },
): CapturedFrame {
  const ports = [...u16(from[1]), ...u16(to[1])]
  const header = [
    ...ports,
    ...u16(seq >>> 16),
    ...u16(seq & 0xffff),
    ...u16(ack >>> 16),
    ...u16(ack & 0xffff),
  ]
  const rest = [0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]
  return frame(atMs, 6, from, to, [...header, ...rest, ...Buffer.from(text, 'latin1')])
}

function frame(atMs: number, protocol: number, from: End, to: End, body: readonly number[]): CapturedFrame {
  const addresses = [...ipv4ToBytes(from[0] as Ipv4), ...ipv4ToBytes(to[0] as Ipv4)]
  const ip = [0x45, 0, ...u16(20 + body.length), 0, 0, 0x40, 0, 64, protocol, 0, 0, ...addresses]
  const ethernet = [...[0xff, 0xff, 0xff, 0xff, 0xff, 0xff], ...[0x52, 0x54, 0, 0x77, 0, 1], 8, 0]
  return { atMs, linkType: 1, bytes: Uint8Array.from([...ethernet, ...ip, ...body]) }
}

function u16(value: number): readonly [number, number] {
  return [value >>> 8, value & 255]
}

/** The frames as a libpcap file with microseconds, little-endian unless `isBig`. */
export function pcapOf(frames: readonly CapturedFrame[], isBig = false): Uint8Array {
  const words = (...values: number[]) =>
    Buffer.concat(
      values.map(value => {
        const word = Buffer.alloc(4)
        if (isBig) word.writeUInt32BE(value)
        else word.writeUInt32LE(value)
        return word
      }),
    )
  const version = isBig ? 0x0002_0004 : 0x0004_0002
  const head = words(0xa1b2_c3d4, version, 0, 0, 262_144, 1)
  const records = frames.map(({ atMs, bytes }) =>
    Buffer.concat([
      words(Math.floor(atMs / 1000), Math.round((atMs % 1000) * 1000), bytes.length, bytes.length),
      bytes,
    ]),
  )
  return new Uint8Array(Buffer.concat([head, ...records]))
}
