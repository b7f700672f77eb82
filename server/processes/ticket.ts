import { base64url } from 'jose'
import type { NodeId } from '../../config/values/node-id.ts'
import { TICKET_HEADER, TICKET_ISSUER, type TicketClaims } from '../../protocol/ticket.ts'

/** A ticket not used within this time is void; a deputy uses it at once. */
export const TICKET_LIFE_MS = 60_000

/** HMAC-SHA-256 of `bytes` with the ticket key of this boot of this node. */
export type SignTicket = (bytes: Uint8Array, node: NodeId, bootId: string) => Uint8Array

/**
 * The right to start one process: a JWT (RFC 7519) signed by HS256 (RFC 7518, section 3.2), good for TICKET_LIFE_MS.
 * Only the node it is for can check it, and nobody else has to: its key is its own, so no node can make tickets for
 * another. A signature of Ed25519, made and checked, was a fourteenth of all that a start cost the cluster.
 */
export function makeTicket({ sub, ...claims }: TicketClaims, sign: SignTicket, nowMs: number): string {
  const payload = {
    ...claims,
    iss: TICKET_ISSUER,
    sub,
    iat: Math.floor(nowMs / 1000),
    exp: Math.floor((nowMs + TICKET_LIFE_MS) / 1000),
  }
  const signed = `${TICKET_HEADER}.${base64url.encode(JSON.stringify(payload))}`
  return `${signed}.${base64url.encode(sign(new TextEncoder().encode(signed), sub, claims.bootId))}`
}
