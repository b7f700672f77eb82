import { base64url } from 'jose'
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
  readonly publicKeyPem: string
  readonly nodeId: string
  /** The kernel's id of this boot: a ticket for the machine before its reboot is worth nothing. */
  readonly bootId: string
}

/**
 * Marks a ticket's id as used. Answers false when it was already, also by an agent of this boot that has ended since;
 * throws when that cannot be written down.
 */
export type MarkUsed = (id: string) => boolean

/** Whether the octets were signed so by the owner of a key. */
export type Verify = (bytes: Uint8Array, signature: Uint8Array) => boolean

/** What checking needs of cryptography; `verifier` is `undefined` for what is no public key of Ed25519. */
export type TicketCrypto = {
  verifier(publicKeyPem: string): Verify | undefined
  sha256Hex(bytes: Uint8Array): string
}

/** Checks tickets. */
export type TicketGate = {
  /** Sets or renews whom to trust; a reconnect may bring another key. */
  trust(trust: TicketTrust): void
  /** Checks a ticket for the run with this request's payload and, when it is valid, uses it up. */
  use(ticket: string, request: Uint8Array): TicketResult
}

/** A gate that trusts nobody yet. */
export function createTicketGate(now: Now, markUsed: MarkUsed, crypto: TicketCrypto): TicketGate {
  let trusted: { readonly trust: TicketTrust; readonly verify: Verify | undefined } | undefined
  return {
    trust(trust) {
      trusted = { trust, verify: crypto.verifier(trust.publicKeyPem) }
    },
    use(ticket, request) {
      if (!trusted) return invalid('this node has not joined yet')
      if (!trusted.verify) return invalid('the server sent no key that is good for tickets')
      const payload = signedPayload(ticket, trusted.verify)
      if (payload === undefined) return invalid('ticket: it is not signed by our server')
      const result = checkClaims(payload, trusted.trust, now())
      if (result.kind === 'invalid') return result
      const { jti, specSha256 } = result.claims
      if (specSha256 !== crypto.sha256Hex(request)) return invalid('ticket is for another command')
      if (markUsed(jti)) return result
      return { kind: 'invalid', code: 'GW_TICKET_USED', reason: `ticket ${jti} was used before` }
    },
  }
}

/**
 * What a JWS in compact form (RFC 7515, section 7.1) says, if the key's owner signed it. Its header is compared, not
 * read, so nobody can name another algorithm.
 */
function signedPayload(ticket: string, verify: Verify): unknown {
  const [header, payload, signature, ...more] = ticket.split('.')
  if (header !== TICKET_HEADER || payload === undefined || signature === undefined || more.length > 0)
    return undefined
  try {
    const signed = new TextEncoder().encode(`${header}.${payload}`)
    if (!verify(signed, base64url.decode(signature))) return undefined
    return JSON.parse(new TextDecoder().decode(base64url.decode(payload)))
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
