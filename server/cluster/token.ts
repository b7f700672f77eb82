import * as z from 'zod'
import { hexOf } from '../../config/values/hex.ts'
import { Mac } from '../../config/values/mac.ts'
import type { ErrorCode } from '../../protocol/errors.ts'

/** Octets of chance in a join token; guessing one is hopeless. */
export const TOKEN_BYTES = 24
/** Where the store keeps tokens; the key ends in the token's SHA-256, never in the token. */
export const TOKEN_PREFIX = 'token/'
/** Where the store keeps which token a machine was given last, by MAC. */
export const LATEST_TOKEN_PREFIX = 'latest-token/'
/** A used token is remembered this long, so that its reuse has a reason and not just "unknown". */
export const USED_REMEMBERED_MS = 24 * 3600_000
/** One that expired unused, less long: a script, and so a token, is given to whoever asks. */
export const UNUSED_REMEMBERED_MS = 3600_000

/** Who used a token: the key it certified, in which run of that machine's kernel. */
const TokenUse = z.object({ publicKeyPem: z.string(), kernelBootId: z.string(), atMs: z.number() })
type TokenUse = z.output<typeof TokenUse>

/** One join token as the store keeps it. */
export const TokenRecord = z.object({
  mac: Mac,
  bootId: z.string(),
  expiresAtMs: z.number(),
  used: TokenUse.nullable(),
})
export type TokenRecord = z.output<typeof TokenRecord>

/** The key of the token a machine was given last. */
export const LatestToken = z.object({ tokenKey: z.string() })

/** Someone who shows a token. */
export type TokenClaim = TokenUse & { readonly mac: Mac }

/**
 * What a shown token is worth: `good` (write `record`, only then admit), `again` (the same key in the same boot
 * used it before: its welcome may have been lost, so the caller decides), or refused.
 */
export type TokenVerdict =
  | { readonly kind: 'good'; readonly record: TokenRecord }
  | { readonly kind: 'again'; readonly record: TokenRecord }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }

/** The text of a token made of `chance` (TOKEN_BYTES octets): hex, so it survives any kernel command line. */
export function tokenText(chance: Uint8Array): string {
  return hexOf(chance)
}

/** Judges the token with `record` (`undefined`: the store has none) for whoever shows it. */
export function judgeToken(record: TokenRecord | undefined, claim: TokenClaim): TokenVerdict {
  if (record === undefined) return refused('GW_TOKEN_UNKNOWN', 'this join token was never given out')
  if (record.mac !== claim.mac)
    return refused('GW_TOKEN_UNKNOWN', `this join token was given to ${record.mac}, not to ${claim.mac}`)
  if (claim.atMs > record.expiresAtMs)
    return refused('GW_TOKEN_EXPIRED', `this join token expired ${ago(claim.atMs - record.expiresAtMs)} ago`)
  if (record.used === null) return { kind: 'good', record: { ...record, used: useOf(claim) } }
  if (record.used.publicKeyPem === claim.publicKeyPem && record.used.kernelBootId === claim.kernelBootId)
    return { kind: 'again', record }
  return refused('GW_TOKEN_USED', `this join token was used ${ago(claim.atMs - record.used.atMs)} ago`)
}

function useOf({ publicKeyPem, kernelBootId, atMs }: TokenClaim): TokenUse {
  return { publicKeyPem, kernelBootId, atMs }
}

function refused(code: ErrorCode, message: string): TokenVerdict {
  return { kind: 'refused', code, message }
}

function ago(durationMs: number): string {
  return `${Math.max(0, Math.round(durationMs / 1000))} s`
}
