import { type CryptoKey, errors, importSPKI, jwtVerify } from 'jose'
import { hexOf } from '../../config/values/hex.ts'
import type { Now } from '../../protocol/log.ts'
import { TICKET_ALGORITHM, TICKET_ISSUER, TicketClaims } from '../../protocol/ticket.ts'

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

/** Checks tickets. */
export type TicketGate = {
  /** Sets or renews whom to trust; a reconnect may bring another key. */
  trust(trust: TicketTrust): void
  /** Checks a ticket for the run with this request's payload and, when it is valid, uses it up. */
  use(ticket: string, request: Uint8Array): Promise<TicketResult>
}

/** A gate that trusts nobody yet. */
export function createTicketGate(now: Now, markUsed: MarkUsed): TicketGate {
  let trusted: { trust: TicketTrust; key: Promise<CryptoKey> } | undefined
  return {
    trust(trust) {
      trusted = { trust, key: importSPKI(trust.publicKeyPem, TICKET_ALGORITHM) }
      // Reported by `use`; a key that cannot be read must not end the agent here.
      trusted.key.catch(() => undefined)
    },
    async use(ticket, request) {
      if (!trusted) return invalid('this node has not joined yet')
      const result = await checkTicket(ticket, request, trusted.trust, trusted.key, now)
      if (result.kind === 'invalid') return result
      // No await between look and mark: two connections with one ticket cannot both pass.
      if (!markUsed(result.claims.jti))
        return {
          kind: 'invalid',
          code: 'GW_TICKET_USED',
          reason: `ticket ${result.claims.jti} was used before`,
        }
      return result
    },
  }
}

async function checkTicket(
  ticket: string,
  request: Uint8Array,
  trust: TicketTrust,
  key: Promise<CryptoKey>,
  now: Now,
): Promise<TicketResult> {
  // While the signature is looked at: both are work for other threads.
  const digest = sha256Hex(request)
  let payload: unknown
  try {
    const verified = await jwtVerify(ticket, await key, {
      algorithms: [TICKET_ALGORITHM],
      issuer: TICKET_ISSUER,
      subject: trust.nodeId,
      requiredClaims: ['exp', 'jti'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now()),
    })
    payload = verified.payload
  } catch (error) {
    return invalid(reasonOf(error))
  }
  const claims = TicketClaims.safeParse(payload)
  if (!claims.success) return invalid(`claims: ${claims.error.issues[0]?.path.join('.')}`)
  if (claims.data.bootId !== trust.bootId) return invalid('ticket is for another boot of this node')
  if (claims.data.specSha256 !== (await digest)) return invalid('ticket is for another command')
  return { kind: 'valid', claims: claims.data }
}

function invalid(reason: string): TicketResult {
  return { kind: 'invalid', code: 'GW_TICKET_INVALID', reason }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'ticket is too old'
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'sub')
    return 'ticket is for another node'
  return `ticket: ${error instanceof Error ? error.message : String(error)}`
}

async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  return hexOf(digest)
}
