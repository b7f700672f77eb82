import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mac } from '../../../config/values/mac.ts'
import { judgeToken, type TokenClaim, type TokenRecord } from '../../../server/cluster/token.ts'
import { consumeToken, mintToken } from '../../../server/cluster/token-store.ts'
import { createMemoryStore } from '../../../server/store/memory.ts'
import { openSqliteStore } from '../../../server/store/sqlite.ts'

const mac = Mac.parse('52:54:00:77:00:01')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const claim: TokenClaim = { mac, publicKeyPem: 'key A', kernelBootId: 'kernel 1', atMs: 1000 }
const fresh: TokenRecord = { mac, bootId: 'b-1', expiresAtMs: 5000, used: null }
const spent: TokenRecord = { ...fresh, used: { publicKeyPem: 'key A', kernelBootId: 'kernel 1', atMs: 900 } }

test.each<[string, TokenRecord | undefined, Partial<TokenClaim>, string]>([
  ['a fresh one', fresh, {}, 'good'],
  ['one never given out', undefined, {}, 'GW_TOKEN_UNKNOWN'],
  ['one of another machine', fresh, { mac: Mac.parse('52:54:00:77:00:02') }, 'GW_TOKEN_UNKNOWN'],
  ['one on its last millisecond', fresh, { atMs: 5000 }, 'good'],
  ['one past its time', fresh, { atMs: 5001 }, 'GW_TOKEN_EXPIRED'],
  ['one used with another key', spent, { publicKeyPem: 'key B' }, 'GW_TOKEN_USED'],
  ['one used in another boot', spent, { kernelBootId: 'kernel 2' }, 'GW_TOKEN_USED'],
  ['one used by the same agent', spent, {}, 'again'],
])('%s', (_name, record, change, expected) => {
  const verdict = judgeToken(record, { ...claim, ...change })
  expect(verdict.kind === 'refused' ? verdict.code : verdict.kind).toBe(expected)
})

test('of racing claims exactly one is good, whatever their number and order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 12 }), async racers => {
      const store = createMemoryStore({ now: () => 1000 })
      const token = await mintToken(store, sha256, randomBytes(24), fresh)
      const verdicts = await Promise.all(
        Array.from({ length: racers }, (_, n) =>
          consumeToken(store, sha256, token, { ...claim, publicKeyPem: `key ${n}` }),
        ),
      )
      expect(verdicts.filter(({ kind }) => kind === 'good')).toHaveLength(1)
      expect(verdicts.flatMap(verdict => (verdict.kind === 'refused' ? [verdict.code] : []))).toEqual(
        Array(racers - 1).fill('GW_TOKEN_USED'),
      )
      await store.close()
    }),
    { numRuns: 25 },
  )
})

test('a machine has one token that is good, however often and at once it asks', async () => {
  const store = createMemoryStore({ now: () => 1000 })
  const mint = () => mintToken(store, sha256, randomBytes(24), fresh)
  const tokens = [...(await Promise.all(Array.from({ length: 8 }, mint))), await mint()]
  expect(await store.list('token/')).toHaveLength(1)
  const verdicts = await Promise.all(tokens.map(token => consumeToken(store, sha256, token, claim)))
  expect(verdicts.map(({ kind }) => kind)).toEqual([...Array(8).fill('refused'), 'good'])
  await mint()
  const again = await consumeToken(store, sha256, tokens.at(-1) ?? '', claim)
  expect(again.kind).toBe('again') // a used one stays known
  await store.close()
})

test('the store never holds the token itself, and a used one stays used over a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gw-token-'))
  const open = () => openSqliteStore({ path: join(folder, 'state.db'), now: () => 1000 })
  const first = open()
  const token = await mintToken(first, sha256, randomBytes(24), fresh)
  expect((await consumeToken(first, sha256, token, claim)).kind).toBe('good')
  expect(JSON.stringify(await first.list(''))).not.toContain(token)
  await first.close()
  const second = open()
  const verdict = await consumeToken(second, sha256, token, { ...claim, publicKeyPem: 'key B' })
  expect(verdict).toMatchObject({ kind: 'refused', code: 'GW_TOKEN_USED' })
  await second.close()
  await rm(folder, { recursive: true })
})
