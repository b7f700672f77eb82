import { createHmac } from 'node:crypto'
import type { NodeId } from '../../../config/values/node-id.ts'

/** HMAC-SHA-256 (RFC 2104), 32 octets. */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(bytes).digest()
}

/**
 * The key of the tickets for one boot of one node, 32 octets, from the server's ticket secret: HKDF-Expand (RFC 5869,
 * section 2.3). It is the same after the server was restarted, and says nothing about the key of any other node.
 */
export function ticketKeyOf(secret: Uint8Array, node: NodeId, bootId: string): Uint8Array {
  return hmacSha256(secret, new TextEncoder().encode(`godwit ticket ${node} ${bootId}\u0001`))
}
