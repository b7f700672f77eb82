import type { Store } from '../store/store.ts'
import {
  judgeToken,
  TOKEN_PREFIX,
  TOKEN_REMEMBERED_MS,
  type TokenClaim,
  TokenRecord,
  type TokenVerdict,
  tokenText,
} from './token.ts'

/** SHA-256 in hex; handed in, because this file decides and does not reach for the platform. */
export type Sha256Hex = (text: string) => string

/** Keeps a new join token (only its SHA-256) and returns its text once it is on disk. Rejects when it is not. */
export async function mintToken(
  store: Store,
  sha256: Sha256Hex,
  chance: Uint8Array,
  record: Omit<TokenRecord, 'used'>,
): Promise<string> {
  const token = tokenText(chance)
  const key = TOKEN_PREFIX + sha256(token)
  const expiresAtMs = record.expiresAtMs + TOKEN_REMEMBERED_MS
  const value: TokenRecord = { ...record, used: null }
  const outcome = await store.transact([{ key, version: 0 }], [{ kind: 'put', key, value, expiresAtMs }])
  if (outcome.kind === 'conflict') throw new Error('the same chance was drawn twice')
  return token
}

/**
 * Uses a token up. The mark is written under the version that was judged, so of any number of racing claims
 * exactly one is `good`, and once that is answered no crash can make the token good again.
 */
export async function consumeToken(
  store: Store,
  sha256: Sha256Hex,
  token: string,
  claim: TokenClaim,
): Promise<TokenVerdict> {
  const key = TOKEN_PREFIX + sha256(token)
  for (;;) {
    const entry = await store.get(key)
    const record = entry === undefined ? undefined : TokenRecord.parse(entry.value)
    const verdict = judgeToken(record, claim)
    if (verdict.kind !== 'good') return verdict
    const expiresAtMs = verdict.record.expiresAtMs + TOKEN_REMEMBERED_MS
    const outcome = await store.transact(
      [{ key, version: entry?.version ?? 0 }],
      [{ kind: 'put', key, value: verdict.record, expiresAtMs }],
    )
    if (outcome.kind === 'committed') return verdict
    // Somebody else was faster; the next judgement says who.
  }
}
