import { type Ipv4, ipv4FromBytes } from '../../config/values/ipv4.ts'
import { type Mac, macFromBytes } from '../../config/values/mac.ts'
import type { CapturedFrame } from './pcap.ts'

/** One end of a packet; `mac` is missing where the capture has no link layer of its own (`any`). */
export type Party = { readonly mac: Mac | undefined; readonly ip: Ipv4; readonly port: number }

/** One UDP datagram or TCP segment. `payload` may be cut to what was captured; `sizeBytes` is what was sent. */
export type Segment = {
  readonly atMs: number
  readonly protocol: 'udp' | 'tcp'
  readonly from: Party
  readonly to: Party
  readonly payload: Uint8Array
  readonly sizeBytes: number
  /** TCP only. */
  readonly tcp: { readonly seq: number; readonly ack: number; readonly flags: number } | undefined
}

const ETHERNET = 1
const LINUX_COOKED = 113
const LINUX_COOKED_2 = 276
const IPV4 = 0x0800
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8])
const UDP = 17
const TCP = 6

/** Reads Ethernet (with VLAN tags) or Linux' cooked header, IPv4, UDP and TCP; `undefined` for all else. */
export function segmentOf({ atMs, linkType, bytes }: CapturedFrame): Segment | undefined {
  const link = linkOf(linkType, bytes)
  if (link === undefined || link.etherType !== IPV4) return undefined
  const ip = bytes.subarray(link.lengthBytes)
  const headerBytes = ((ip[0] ?? 0) & 15) * 4
  const isFragment = (u16(ip, 6) & 0x3fff) !== 0 && (u16(ip, 6) & 0x1fff) !== 0
  if (ip.length < 20 || (ip[0] ?? 0) >> 4 !== 4 || headerBytes < 20 || isFragment) return undefined
  const body = ip.subarray(headerBytes)
  const bodyBytes = u16(ip, 2) - headerBytes
  if (body.length < 8) return undefined
  const party = (offset: number, port: number, mac: Mac | undefined): Party => ({
    mac,
    ip: ipv4FromBytes(ip.subarray(offset, offset + 4)),
    port,
  })
  const ends = {
    from: party(12, u16(body, 0), link.source),
    to: party(16, u16(body, 2), link.destination),
  }
  if (ip[9] === UDP) return { atMs, protocol: 'udp', ...ends, ...udpOf(body, bodyBytes), tcp: undefined }
  return ip[9] === TCP && body.length >= 20
    ? { atMs, protocol: 'tcp', ...ends, ...tcpOf(body, bodyBytes) }
    : undefined
}

function udpOf(body: Uint8Array, bodyBytes: number): Pick<Segment, 'payload' | 'sizeBytes'> {
  const sizeBytes = Math.max(0, Math.min(u16(body, 4), bodyBytes) - 8)
  return { payload: body.subarray(8, 8 + sizeBytes), sizeBytes }
}

function tcpOf(body: Uint8Array, bodyBytes: number): Pick<Segment, 'payload' | 'sizeBytes' | 'tcp'> {
  const headerBytes = ((body[12] ?? 0) >> 4) * 4
  const sizeBytes = Math.max(0, bodyBytes - headerBytes)
  const tcp = { seq: u32(body, 4), ack: u32(body, 8), flags: body[13] ?? 0 }
  return { payload: body.subarray(headerBytes, headerBytes + sizeBytes), sizeBytes, tcp }
}

type Link = {
  readonly lengthBytes: number
  readonly etherType: number
  readonly source: Mac | undefined
  readonly destination: Mac | undefined
}

function linkOf(linkType: number, bytes: Uint8Array): Link | undefined {
  const none = { source: undefined, destination: undefined }
  if (linkType === LINUX_COOKED && bytes.length >= 16)
    return { lengthBytes: 16, etherType: u16(bytes, 14), ...none }
  if (linkType === LINUX_COOKED_2 && bytes.length >= 20)
    return { lengthBytes: 20, etherType: u16(bytes, 0), ...none }
  if (linkType !== ETHERNET || bytes.length < 14) return undefined
  let at = 12
  while (VLAN_TAGS.has(u16(bytes, at)) && at + 6 <= bytes.length) at += 4
  return {
    lengthBytes: at + 2,
    etherType: u16(bytes, at),
    destination: macFromBytes(bytes),
    source: macFromBytes(bytes.subarray(6)),
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 65_536 + u16(bytes, at + 2)
}
