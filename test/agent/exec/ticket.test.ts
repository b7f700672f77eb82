import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { ticketCrypto } from '../../../agent/exec/io/ticket-crypto.ts'
import { openUsedTickets } from '../../../agent/exec/io/used-tickets.ts'
import { createTicketGate } from '../../../agent/exec/ticket.ts'

const NOW_MS = 1_800_000_000_000
const NOW = NOW_MS / 1000
const REQUEST = new TextEncoder().encode('Acat\0C/tmp\0')
const CLAIMS = {
  iss: 'godwit',
  sub: 'n-525400000001',
  jti: 'p-0123456789',
  exp: NOW + 30,
  bootId: 'boot-1',
  specSha256: createHash('sha256').update(REQUEST).digest('hex'),
  memoryBytes: 0,
  memoryMaxBytes: null,
}
const KEY = randomBytes(32)
const TRUST = { key: KEY, nodeId: CLAIMS.sub, bootId: 'boot-1' }

function openGate() {
  const used = new Set<string>()
  const gate = createTicketGate(
    () => NOW_MS,
    id => used.size < used.add(id).size,
    ticketCrypto,
  )
  gate.trust(TRUST)
  return gate
}

async function sign(changes: JWTPayload, key: Uint8Array = KEY, alg = 'HS256'): Promise<string> {
  return await new SignJWT({ ...CLAIMS, ...changes }).setProtectedHeader({ alg }).sign(key)
}

describe('a ticket', () => {
  test('that fits is valid, and its claims come out', async () => {
    expect(openGate().use(await sign({}), REQUEST)).toMatchObject({
      kind: 'valid',
      claims: { jti: CLAIMS.jti, memoryMaxBytes: null },
    })
  })

  test.each([
    ['for another node', { sub: 'n-ffffffffffff' }, 'ticket is for another node'],
    ['of another boot', { bootId: 'boot-0' }, 'ticket is for another boot of this node'],
    ['that expired', { exp: NOW - 61 }, 'ticket is too old'],
    ['of another issuer', { iss: 'somebody' }, /iss/],
    ['without an end', { exp: undefined }, /exp/],
    ['without a name', { jti: undefined }, /jti/],
    ['for no process', { jti: '../../etc' }, 'claims: jti'],
    ['with a limit of nothing', { memoryMaxBytes: 0 }, 'claims: memoryMaxBytes'],
    ['for another command', { specSha256: '0'.repeat(64) }, 'ticket is for another command'],
  ])('%s is not', async (_name, changes, reason) => {
    const expected = typeof reason === 'string' ? reason : expect.stringMatching(reason)
    expect(openGate().use(await sign(changes as JWTPayload), REQUEST)).toEqual({
      kind: 'invalid',
      code: 'GW_TICKET_INVALID',
      reason: expected,
    })
  })

  test('of a clock that is a little off is still valid', async () => {
    expect(openGate().use(await sign({ exp: NOW - 59 }), REQUEST).kind).toBe('valid')
  })

  test('signed by somebody else, by nobody, or with another algorithm is not', async () => {
    const { privateKey } = await generateKeyPair('EdDSA')
    const tickets = [
      await sign({}, randomBytes(32)),
      new UnsecuredJWT(CLAIMS).encode(),
      await new SignJWT(CLAIMS).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey),
      await sign({}, randomBytes(64), 'HS512'),
      // A header that says more than ours.
      await new SignJWT(CLAIMS).setProtectedHeader({ alg: 'HS256', kid: 'k' }).sign(KEY),
      // Its signature cut short, down to none.
      (await sign({})).slice(0, -4),
      (await sign({})).replace(/[^.]*$/, ''),
      `${(await sign({})).slice(0, -4)}AAAA`,
      'not a ticket',
      '',
    ]
    for (const ticket of tickets)
      expect(openGate().use(ticket, REQUEST)).toMatchObject({
        kind: 'invalid',
        code: 'GW_TICKET_INVALID',
      })
  })

  test('is good once, whoever shows it again', async () => {
    const gate = openGate()
    const ticket = await sign({})
    expect(gate.use(ticket, REQUEST).kind).toBe('valid')
    expect(gate.use(ticket, REQUEST)).toMatchObject({ code: 'GW_TICKET_USED' })
  })

  test('is good once in a boot, even when the agent was restarted in between', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'godwit-test-tickets-'))
    const ticket = await sign({})
    const kinds = []
    for (let agent = 0; agent < 2; agent += 1) {
      const gate = createTicketGate(
        () => NOW_MS,
        openUsedTickets(join(dir, 'tickets'), Date.now),
        ticketCrypto,
      )
      gate.trust(TRUST)
      kinds.push(gate.use(ticket, REQUEST).kind)
    }
    rmSync(dir, { recursive: true })
    expect(kinds).toEqual(['valid', 'invalid'])
  })

  test('shown with the wrong command is not used up', async () => {
    const gate = openGate()
    const ticket = await sign({})
    expect(gate.use(ticket, new TextEncoder().encode('Adog\0C/tmp\0')).kind).toBe('invalid')
    expect(gate.use(ticket, REQUEST).kind).toBe('valid')
  })

  test('is nothing to a node that has not joined', async () => {
    const gate = createTicketGate(
      () => NOW_MS,
      () => true,
      ticketCrypto,
    )
    expect(gate.use(await sign({}), REQUEST)).toMatchObject({ reason: 'this node has not joined yet' })
  })
})
