import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Options } from './options/area.ts'

/** Bit 15 of `flags`: the client cannot take unicast before it has an address (RFC 2131 §2). */
export const BROADCAST_FLAG = 0x8000
/** 99, 130, 83, 99: what makes BOOTP's vendor area DHCP's option field (RFC 2131 §3). */
export const MAGIC_COOKIE = 0x6382_5363

/** UDP ports of RFC 2131 §4.1; relays use the server's. */
export const SERVER_PORT = 67
/** UDP port of clients. */
export const CLIENT_PORT = 68

/** Offset of the first option. */
export const OPTIONS_OFFSET = 240
/** Where `chaddr` begins. */
export const CHADDR_OFFSET = 28
/** Octets of `chaddr`, whatever `hlen` says. */
export const CHADDR_BYTES = 16
/** Where `sname` begins. */
export const SNAME_OFFSET = 44
/** Octets of `sname`, its final NUL included. */
export const SNAME_BYTES = 64
/** Where `file` begins. */
export const FILE_OFFSET = 108
/** Octets of `file`, its final NUL included. */
export const FILE_BYTES = 128

/** One DHCP message (RFC 2131 §2), free of wire matters: overloaded and split options are already joined. */
export type DhcpPacket = {
  /** 1 from clients, 2 from servers. */
  readonly op: number
  readonly htype: number
  /** Octets of `chaddr` in use, 0..16. */
  readonly hlen: number
  readonly hops: number
  readonly xid: number
  readonly secs: number
  readonly flags: number
  readonly ciaddr: Ipv4
  readonly yiaddr: Ipv4
  readonly siaddr: Ipv4
  readonly giaddr: Ipv4
  /** All 16 octets. */
  readonly chaddr: Uint8Array
  /** At most 63 characters; empty when the field held options. */
  readonly sname: string
  /** At most 127 characters; empty when the field held options. */
  readonly file: string
  readonly options: Options
  /** Codes of the options that go into `file` and `sname`; only in what we send, both fields are empty then. */
  readonly spilled?: { readonly file: readonly number[]; readonly sname: readonly number[] }
}

/** Where a datagram came from or goes to. */
export type Endpoint = { readonly address: Ipv4; readonly port: number }

/** Source of a request; `delivery` tells RENEWING (unicast) from REBINDING (broadcast). */
export type Source = Endpoint & { readonly delivery: 'unicast' | 'broadcast' }
