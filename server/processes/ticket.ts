import { base64url } from 'jose'
import { TICKET_HEADER, TICKET_ISSUER, type TicketClaims } from '../../protocol/ticket.ts'

/** A ticket not used within this time is void; a deputy uses it at once. */
export const TICKET_LIFE_MS = 60_000

/** Signs octets by Ed25519 with the server's ticket key. */
export type SignBytes = (bytes: Uint8Array) => Uint8Array

/**
 * The right to start one process: a JWT (RFC 7519) signed by EdDSA (RFC 8037), good for TICKET_LIFE_MS. Made here and
 * now: handing the signature to another thread, as WebCrypto does, takes longer than making it.
 */
export function makeTicket({ sub, ...claims }: TicketClaims, sign: SignBytes, nowMs: number): string {
  const payload = {
    ...claims,
    iss: TICKET_ISSUER,
    sub,
    iat: Math.floor(nowMs / 1000),
    exp: Math.floor((nowMs + TICKET_LIFE_MS) / 1000),
  }
  const signed = `${TICKET_HEADER}.${base64url.encode(JSON.stringify(payload))}`
  return `${signed}.${base64url.encode(sign(new TextEncoder().encode(signed)))}`
}
