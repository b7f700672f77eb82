import * as z from 'zod'
import type { Now } from '../../protocol/log.ts'
import { TICKET_HEADER, TICKET_ISSUER, TicketClaims } from '../../protocol/ticket.ts'

/** Clocks of old machines drift; single use and the boot id carry the weight, the time only bounds it. */
const CLOCK_TOLERANCE_SECONDS = 60

/** A ticket that gives the right to start exactly this run here and now, or the named reason why it does not. */
export type TicketResult =
  | { readonly kind: 'valid'; readonly claims: TicketClaims }
  | {
      readonly kind: 'invalid'
      readonly code: 'GW_TICKET_INVALID' | 'GW_TICKET_USED'
      readonly reason: string
    }

/** Whom tickets must come from and whom they must name. */
export type TicketTrust = {
  /** What the server signs tickets for this boot of this node with. */
  readonly key: Uint8Array
  readonly nodeId: string
  /** The kernel's id of this boot: a ticket for the machine before its reboot is worth nothing. */
  readonly bootId: string
}

/**
 * Marks a ticket's id as used. Answers false when it was already, also by an agent of this boot that has ended since;
 * throws when that cannot be written down.
 */
export type MarkUsed = (id: string) => boolean

/** What checking needs of cryptography. */
export type TicketCrypto = {
  /**
   * What a JWS in compact form (RFC 7515, section 7.1) says, if HMAC-SHA-256 signs it with `key`. Its header is
   * compared, not read, so nobody can name another algorithm; how long that takes says nothing about the right signature.
   */
  signedText(jws: string, header: string, key: Uint8Array): string | undefined
  sha256Hex(bytes: Uint8Array): string
}

/** Checks tickets. */
export type TicketGate = {
  /** Sets or renews whom to trust; a server that lost its secret brings another key. */
  trust(trust: TicketTrust): void
  /** Checks a ticket for the run with this request's payload and, when it is valid, uses it up. */
  use(ticket: string, request: Uint8Array): TicketResult
}

/** A gate that trusts nobody yet. */
export function createTicketGate(now: Now, markUsed: MarkUsed, crypto: TicketCrypto): TicketGate {
  let trusted: TicketTrust | undefined
  return {
    trust(trust) {
      trusted = trust
    },
    use(ticket, request) {
      if (!trusted) return invalid('this node has not joined yet')
      const payload = jsonOf(crypto.signedText(ticket, TICKET_HEADER, trusted.key))
      if (payload === undefined) return invalid('ticket: it is not signed by our server for this node')
      const result = checkClaims(payload, trusted, now())
      if (result.kind === 'invalid') return result
      const { jti, specSha256 } = result.claims
      if (specSha256 !== crypto.sha256Hex(request)) return invalid('ticket is for another command')
      if (markUsed(jti)) return result
      return { kind: 'invalid', code: 'GW_TICKET_USED', reason: `ticket ${jti} was used before` }
    },
  }
}

function jsonOf(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const SignedClaims = TicketClaims.extend({ iss: z.literal(TICKET_ISSUER), exp: z.number() })

function checkClaims(payload: unknown, { nodeId, bootId }: TicketTrust, nowMs: number): TicketResult {
  const read = SignedClaims.safeParse(payload)
  if (!read.success) return invalid(`claims: ${read.error.issues[0]?.path.join('.')}`)
  const { iss: _, exp, ...claims } = read.data
  if (claims.sub !== nodeId) return invalid('ticket is for another node')
  if (nowMs / 1000 > exp + CLOCK_TOLERANCE_SECONDS) return invalid('ticket is too old')
  return claims.bootId === bootId
    ? { kind: 'valid', claims }
    : invalid('ticket is for another boot of this node')
}

function invalid(reason: string): TicketResult {
  return { kind: 'invalid', code: 'GW_TICKET_INVALID', reason }
}
