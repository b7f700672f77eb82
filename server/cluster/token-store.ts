import type { Store, StoreEntry } from '../store/store.ts'
import {
  judgeToken,
  LATEST_TOKEN_PREFIX,
  LatestToken,
  TOKEN_PREFIX,
  type TokenClaim,
  TokenRecord,
  type TokenVerdict,
  tokenText,
  UNUSED_REMEMBERED_MS,
  USED_REMEMBERED_MS,
} from './token.ts'

/** SHA-256 in hex; handed in, because this file decides and does not reach for the platform. */
export type Sha256Hex = (text: string) => string

/**
 * Keeps a new join token (only its SHA-256) and returns its text once it is on disk. Rejects when it is not. The
 * machine's former token, if still unused, goes in the same transaction: however often a script is asked for, a
 * machine has one token that is good.
 */
export async function mintToken(
  store: Store,
  sha256: Sha256Hex,
  chance: Uint8Array,
  record: Omit<TokenRecord, 'used'>,
): Promise<string> {
  const token = tokenText(chance)
  const key = TOKEN_PREFIX + sha256(token)
  const latestKey = LATEST_TOKEN_PREFIX + record.mac
  const expiresAtMs = record.expiresAtMs + UNUSED_REMEMBERED_MS
  const value: TokenRecord = { ...record, used: null }
  for (;;) {
    const latest = await store.get(latestKey)
    const former = await unusedToken(store, latest)
    const outcome = await store.transact(
      [
        { key, version: 0 },
        { key: latestKey, version: latest?.version ?? 0 },
        ...former.map(({ key, version }) => ({ key, version })),
      ],
      [
        { kind: 'put', key, value, expiresAtMs },
        { kind: 'put', key: latestKey, value: { tokenKey: key }, expiresAtMs },
        ...former.map(({ key }) => ({ kind: 'delete' as const, key })),
      ],
    )
    if (outcome.kind === 'committed') return token
    if (outcome.keys.includes(key)) throw new Error('the same chance was drawn twice')
    // The same machine asked twice at once, or its token was used this moment; look again.
  }
}

/** The token `latest` names, if nobody used it: none or one. */
async function unusedToken(store: Store, latest: StoreEntry | undefined): Promise<readonly StoreEntry[]> {
  if (latest === undefined) return []
  const entry = await store.get(LatestToken.parse(latest.value).tokenKey)
  const record = entry && TokenRecord.parse(entry.value)
  return entry !== undefined && record?.used === null ? [entry] : []
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
    const expiresAtMs = verdict.record.expiresAtMs + USED_REMEMBERED_MS
    const outcome = await store.transact(
      [{ key, version: entry?.version ?? 0 }],
      [{ kind: 'put', key, value: verdict.record, expiresAtMs }],
    )
    if (outcome.kind === 'committed') return verdict
    // Somebody else was faster; the next judgement says who.
  }
}
