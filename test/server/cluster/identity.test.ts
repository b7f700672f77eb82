import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { NodeId } from '../../../config/values/node-id.ts'
import { readPeer } from '../../../server/cluster/identity/peer.ts'
import { judgeServerCertificate } from '../../../server/cluster/identity/renewal.ts'
import {
  type Identity,
  openIdentity,
  type ServerCertificate,
} from '../../../server/cluster/identity/service.ts'

const nodeId = NodeId.parse('n-525400770001')
const now = () => Date.now()
const localhost = Ipv4.parse('127.0.0.1')
const agent = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicKeyPem = agent.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const subject = { nodeId, kernelBootId: '0b7c-kernel', ip: localhost, publicKeyPem }

let folder = ''
let identity: Identity & ServerCertificate
const open = async (address = localhost, at = now) => {
  const opened = await openIdentity({
    stateDir: join(folder, 'state'),
    dnsNames: ['godwit'],
    now: at,
    random: randomBytes,
  })
  return { ...opened, ...(await opened.serverFor(address)) }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-identity-'))
  identity = await open()
})
afterAll(() => rm(folder, { recursive: true }))

test('keys are for their owner only, and nothing half-written stays', async () => {
  const state = join(folder, 'state')
  expect((await readdir(state)).sort()).toEqual(['ca.cert.pem', 'keys', 'server.cert.pem'])
  const keys = await readdir(join(state, 'keys'))
  expect(keys.sort()).toEqual(['ca.key.pem', 'server.key.pem', 'ticket.secret'])
  for (const key of keys) expect((await stat(join(state, 'keys', key))).mode & 0o777).toBe(0o600)
})

test('OpenSSL verifies the server and a node against the CA', async () => {
  await writeFile(join(folder, 'ca.pem'), identity.caCertPem)
  await writeFile(join(folder, 'server.pem'), identity.serverCertPem)
  await writeFile(join(folder, 'node.pem'), await identity.issueNode(subject))
  const verify = (purpose: string, file: string) =>
    execa('openssl', [
      'verify',
      '-x509_strict',
      '-purpose',
      purpose,
      '-CAfile',
      join(folder, 'ca.pem'),
      join(folder, file),
    ])
  expect((await verify('sslserver', 'server.pem')).stdout).toMatch(/server\.pem: OK$/)
  expect((await verify('sslclient', 'node.pem')).stdout).toMatch(/node\.pem: OK$/)
  expect((await verify('sslserver', 'node.pem')).stdout).toMatch(/node\.pem: OK$/)
  const printed = await execa('openssl', [
    'x509',
    '-in',
    join(folder, 'ca.pem'),
    '-noout',
    '-fingerprint',
    '-sha256',
  ])
  expect(printed.stdout.split('=')[1]?.replaceAll(':', '').toLowerCase()).toBe(identity.caFingerprint)
})

test('node and server shake hands over TLS and know each other', async () => {
  const cert = await identity.issueNode(subject)
  const key = agent.privateKey.export({ type: 'pkcs8', format: 'pem' })
  const { serverKeyPem, serverCertPem, caCertPem: ca } = identity
  const server = createServer({
    key: serverKeyPem,
    cert: serverCertPem,
    ca,
    requestCert: true,
    rejectUnauthorized: false,
  })
  const seen = new Promise<TLSSocket>(resolve => server.on('secureConnection', resolve))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const client = connect({ host: '127.0.0.1', port: address.port, ca, cert, key })
  await new Promise((resolve, reject) => client.once('secureConnect', resolve).once('error', reject))
  const socket = await seen
  expect(client.authorized).toBe(true)
  expect(socket.authorized).toBe(true)
  expect(readPeer(socket.getPeerCertificate().subject, undefined)).toEqual({
    kind: 'node',
    nodeId,
    kernelBootId: '0b7c-kernel',
  })
  client.destroy()
  server.close()
})

test('a second start finds the same identity; another address or an old certificate renews only the server', async () => {
  const same = await open()
  expect(same.caFingerprint).toBe(identity.caFingerprint)
  expect(same.serverCertPem).toBe(identity.serverCertPem)
  expect(same.ticketKeyOf(nodeId, 'boot')).toEqual(identity.ticketKeyOf(nodeId, 'boot'))
  const moved = await open(Ipv4.parse('10.77.0.1'))
  expect(moved.caFingerprint).toBe(identity.caFingerprint)
  expect(new X509Certificate(moved.serverCertPem).subjectAltName).toBe('IP Address:10.77.0.1, DNS:godwit')
  const later = await open(Ipv4.parse('10.77.0.1'), () => now() + 340 * 86_400_000)
  expect(later.serverCertPem).not.toBe(moved.serverCertPem)
})

test('a PC whose clock is twenty years slow still accepts every certificate', async () => {
  for (const pem of [identity.caCertPem, identity.serverCertPem, await identity.issueNode(subject)])
    expect(Date.parse(new X509Certificate(pem).validFrom)).toBeLessThan(Date.UTC(2003, 0, 1))
})

describe('what is refused', () => {
  test.each([
    ['garbage', 'not a key'],
    [
      'RSA',
      generateKeyPairSync('rsa', { modulusLength: 1024 })
        .publicKey.export({ type: 'spki', format: 'pem' })
        .toString(),
    ],
  ])('an agent key that is %s', async (_name, pem) => {
    await expect(identity.issueNode({ ...subject, publicKeyPem: pem })).rejects.toThrow()
  })

  test('a CA certificate whose key is gone, and a key file with something else in it', async () => {
    const options = { dnsNames: [], now, random: randomBytes }
    const gone = join(folder, 'gone')
    await openIdentity({ ...options, stateDir: gone })
    await rm(join(gone, 'keys', 'ca.key.pem'))
    await expect(openIdentity({ ...options, stateDir: gone })).rejects.toMatchObject({ code: 'GW_STORE' })
    await writeFile(join(gone, 'keys', 'ca.key.pem'), 'spilled coffee')
    await expect(openIdentity({ ...options, stateDir: gone })).rejects.toThrow(/holds no private key/)
  })

  test('a ticket secret that was cut short or written over', async () => {
    const options = { dnsNames: [], now, random: randomBytes, stateDir: join(folder, 'cut') }
    await openIdentity(options)
    const path = join(options.stateDir, 'keys', 'ticket.secret')
    const whole = await readFile(path, 'utf8')
    for (const text of [whole.slice(0, 40), '', 'spilled coffee']) {
      await writeFile(path, text)
      await expect(openIdentity(options)).rejects.toThrow(/ticket\.secret does not hold 32 octets in hex/)
    }
  })

  test.each([
    ['no certificate', undefined, undefined, 'none'],
    ['another CA', { CN: nodeId, OU: 'k' }, 'SELF_SIGNED_CERT', 'untrusted'],
    ['the server as a client', { CN: 'godwit server' }, undefined, 'untrusted'],
    ['a node', { CN: nodeId, OU: 'k' }, undefined, 'node'],
  ])('a peer with %s', (_name, peer, error, kind) => {
    expect(readPeer(peer, error).kind).toBe(kind)
  })
})

test.each([
  ['fits', 'IP Address:10.77.0.1, DNS:godwit', 90, 'keep'],
  ['nears its end', 'IP Address:10.77.0.1, DNS:godwit', 29, 'renew'],
  ['has another address', 'IP Address:10.77.0.10, DNS:godwit', 90, 'renew'],
  ['lacks a name', 'IP Address:10.77.0.1', 90, 'renew'],
])('a server certificate that %s', (_name, subjectAltName, days, kind) => {
  const facts = { subjectAltName, expiresAtMs: days * 86_400_000 }
  expect(judgeServerCertificate(facts, [Ipv4.parse('10.77.0.1')], ['godwit'], 0).kind).toBe(kind)
})
