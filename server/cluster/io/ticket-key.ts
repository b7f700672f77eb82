import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { NodeId } from '../../../config/values/node-id.ts'
import { TICKET_HEADER } from '../../../protocol/ticket.ts'
import type { SignTicket } from '../../processes/ticket.ts'

/** Nodes whose key is kept at hand. */
const MAX_KEYS = 1024

/**
 * The key of the tickets for one boot of one node, 32 octets, from the server's ticket secret: HKDF-Expand (RFC 5869,
 * section 2.3). It is the same after the server was restarted, and says nothing about the key of any other node.
 */
export function ticketKeyOf(secret: Uint8Array, node: NodeId, bootId: string): Uint8Array {
  return createHmac('sha256', secret).update(`godwit ticket ${node} ${bootId}\u0001`).digest()
}

/** Signs tickets by HMAC-SHA-256 with the keys that {@link ticketKeyOf} makes of `secret`. */
export function createTicketSigner(secret: Uint8Array): SignTicket {
  const keys = new Map<string, KeyObject>()
  const keyFor = (node: NodeId, bootId: string): KeyObject => {
    const name = `${node} ${bootId}`
    const known = keys.get(name)
    if (known !== undefined) return known
    const key = createSecretKey(ticketKeyOf(secret, node, bootId))
    if (keys.size >= MAX_KEYS) keys.clear()
    keys.set(name, key)
    return key
  }
  return (payload, node, bootId) => {
    const signed = `${TICKET_HEADER}.${Buffer.from(payload).toString('base64url')}`
    return `${signed}.${createHmac('sha256', keyFor(node, bootId)).update(signed).digest('base64url')}`
  }
}
