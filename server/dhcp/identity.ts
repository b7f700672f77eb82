import { hexOf } from '../../config/values/hex.ts'
import { type Mac, macFromBytes } from '../../config/values/mac.ts'
import { fnv1a } from '../fnv1a.ts'
import { OPTION } from './options/code.ts'
import type { DhcpPacket } from './packet.ts'

/**
 * Whom a lease belongs to, within one subnet. The MAC as text: ROM, loader and system send different client ids
 * (option 61) or none, and must share one lease. `id:` and hex for a client id where that is the key, `hw:` with
 * hardware type and address for hardware that is no Ethernet.
 */
export type Identity = string

/** Who sent a packet, or why nobody can be told. `mac` is the name the machine has elsewhere in godwit. */
export type Sender =
  | { readonly kind: 'sender'; readonly mac: Mac; readonly identity: Identity }
  | { readonly kind: 'nobody'; readonly reason: string }

const ETHERNET = 1
const IEEE_802 = 6

/**
 * Reads the sender: the MAC for Ethernet and IEEE 802. InfiniBand (hardware type 32) has no room for its address
 * in the header, so its client id counts (RFC 4390 §2.1); other hardware is taken as opaque octets.
 */
export function senderOf(packet: DhcpPacket): Sender {
  const { htype, hlen, chaddr, options } = packet
  if (htype === ETHERNET && hlen !== 6) return { kind: 'nobody', reason: 'not an Ethernet client' }
  if ((htype === ETHERNET || htype === IEEE_802) && hlen === 6) {
    if (((chaddr[0] ?? 0) & 1) === 1 || isZero(chaddr, 6))
      return { kind: 'nobody', reason: 'not a machine address' }
    const mac = macFromBytes(chaddr)
    return { kind: 'sender', mac, identity: mac }
  }
  if (hlen > 0) {
    if (isZero(chaddr, hlen)) return { kind: 'nobody', reason: 'not a machine address' }
    return standIn(`hw:${htype}:${hexOf(chaddr.subarray(0, hlen))}`)
  }
  const clientId = options.get(OPTION.clientId)
  if (clientId === undefined) return { kind: 'nobody', reason: 'neither hardware address nor client id' }
  return standIn(`id:${hexOf(clientId)}`)
}

/** The client id as the key of leases (RFC 2131 §4.2), where a subnet asks for it and the client sent one. */
export function clientIdentity(packet: DhcpPacket): Identity | undefined {
  const clientId = packet.options.get(OPTION.clientId)
  return clientId === undefined ? undefined : `id:${hexOf(clientId)}`
}

/** A locally administered MAC made from the identity, for a machine that has none. */
function standIn(identity: Identity): Sender {
  const hash = fnv1a(identity)
  const octets = Uint8Array.of(2, 0, hash >>> 24, (hash >>> 16) & 255, (hash >>> 8) & 255, hash & 255)
  return { kind: 'sender', mac: macFromBytes(octets), identity }
}

function isZero(octets: Uint8Array, length: number): boolean {
  for (let at = 0; at < length; at += 1) if (octets[at] !== 0) return false
  return true
}
