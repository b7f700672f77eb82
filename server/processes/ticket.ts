import { SignJWT } from 'jose'
import { TICKET_ALGORITHM, TICKET_ISSUER, type TicketClaims } from '../../protocol/ticket.ts'

/** A ticket not used within this time is void; a deputy uses it at once. */
export const TICKET_LIFE_MS = 60_000

/** The Ed25519 private key that jose signs with. */
export type TicketKey = Parameters<SignJWT['sign']>[0]

/** Signs the right to start one process: a JWT (RFC 7519) with EdDSA (RFC 8037), good for TICKET_LIFE_MS. */
export async function signTicket(claims: TicketClaims, key: TicketKey, nowMs: number): Promise<string> {
  const { jti, sub, ...rest } = claims
  return new SignJWT(rest)
    .setProtectedHeader({ alg: TICKET_ALGORITHM })
    .setIssuer(TICKET_ISSUER)
    .setJti(jti)
    .setSubject(sub)
    .setIssuedAt(Math.floor(nowMs / 1000))
    .setExpirationTime(Math.floor((nowMs + TICKET_LIFE_MS) / 1000))
    .sign(key)
}
