import { type KeyObject, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { NodeId } from '../../../config/values/node-id.ts'
import { GodwitError } from '../../../protocol/errors.ts'
import type { Now } from '../../../protocol/log.ts'
import type { SignTicket } from '../../processes/ticket.ts'
import type { Authority, NodeSubject } from '../io/certificates.ts'
import { keepKey, keepSecret, readText, writeCertificate } from '../io/keys.ts'
import { createTicketSigner, ticketKeyOf } from '../io/ticket-key.ts'
import { judgeServerCertificate } from './renewal.ts'

/** Who this cluster is: its CA, the server's TLS identity and the secret that tickets are signed with. */
export type Identity = {
  readonly caCertPem: string
  /** SHA-256 of the CA certificate's DER, hex: pinned by boot scripts and verified by agents. */
  readonly caFingerprint: string
  /**
   * The server's TLS identity for `address` and all others asked for since the start: the one kept, if it covers them and
   * does not near its end, else a new one, which is kept. Rejects with GW_STORE.
   */
  serverFor(address: Ipv4): Promise<ServerCertificate>
  /** What tickets for this boot of this node are signed with, 32 octets in base64url: nobody but that node is told. */
  ticketKeyOf(node: NodeId, bootId: string): string
  /** Signs tickets with that key. */
  readonly signTicket: SignTicket
  /** A certificate for one boot of a node, PEM. Rejects with TypeError when its public key is unusable. */
  issueNode(subject: NodeSubject): Promise<string>
}

/** Private key and certificate of the server, PEM both. */
export type ServerCertificate = { readonly serverKeyPem: string; readonly serverCertPem: string }

/** What {@link openIdentity} needs: the state folder, the names the server answers to, the clock, and chance. */
export type IdentityOptions = {
  readonly stateDir: string
  readonly dnsNames: readonly string[]
  readonly now: Now
  readonly random: (sizeBytes: number) => Uint8Array
}

/**
 * Reads the cluster's identity from the state folder; what is missing is made and kept: `keys/ca.key.pem`,
 * `ca.cert.pem`, `keys/ticket.secret`, and once an address is known `keys/server.key.pem`, `server.cert.pem`. Throws GW_STORE when a file
 * cannot be used, above all a CA certificate whose key is gone: a new CA would lock out every running node.
 */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { certificateFingerprint, issueNodeCertificate } = await import('../io/certificates.ts')
  const authority = await openAuthority(options)
  const serverFor = certifyServer(options, authority)
  const ticketSecret = await keepSecret(join(options.stateDir, 'keys', 'ticket.secret'), options.random)
  return {
    caCertPem: authority.certPem,
    caFingerprint: certificateFingerprint(authority.certPem),
    serverFor,
    ticketKeyOf: (node, bootId) => Buffer.from(ticketKeyOf(ticketSecret, node, bootId)).toString('base64url'),
    signTicket: createTicketSigner(ticketSecret),
    issueNode: subject => issueNodeCertificate(authority, subject, options.now()),
  }
}

async function openAuthority({ stateDir, now }: IdentityOptions): Promise<Authority> {
  const keyPath = join(stateDir, 'keys', 'ca.key.pem')
  const certPath = join(stateDir, 'ca.cert.pem')
  const certPem = await readText(certPath)
  if (certPem !== undefined && (await readText(keyPath)) === undefined)
    throw new GodwitError('GW_STORE', `${certPath} is there but ${keyPath} is gone; restore the key`)
  // The key is written first: a crash in between leaves a key that nothing was ever signed with.
  const key = await keepKey(keyPath)
  if (certPem !== undefined) return { key, certPem: checkPair(certPath, certPem, key) }
  const { createAuthorityCertificate } = await import('../io/certificates.ts')
  const created = await createAuthorityCertificate(key, now())
  await writeCertificate(certPath, created)
  return { key, certPem: created }
}

function certifyServer(options: IdentityOptions, authority: Authority): Identity['serverFor'] {
  const addresses = new Set<Ipv4>()
  let last: Promise<unknown> = Promise.resolve()
  return address => {
    addresses.add(address)
    // One after the other: both would write the same file.
    const certified = last.then(() => keepServer(options, authority, [...addresses]))
    last = certified.catch(() => undefined)
    return certified
  }
}

async function keepServer(
  options: IdentityOptions,
  authority: Authority,
  addresses: readonly Ipv4[],
): Promise<ServerCertificate> {
  const key = await keepKey(join(options.stateDir, 'keys', 'server.key.pem'))
  const certPath = join(options.stateDir, 'server.cert.pem')
  const certPem = await readText(certPath)
  if (certPem !== undefined && keepsCertificate(certPem, key, authority, { ...options, addresses }))
    return { serverKeyPem: pemOf(key), serverCertPem: certPem }
  const { issueServerCertificate } = await import('../io/certificates.ts')
  const { dnsNames } = options
  const issued = await issueServerCertificate(authority, { key, addresses, dnsNames }, options.now())
  await writeCertificate(certPath, issued)
  return { serverKeyPem: pemOf(key), serverCertPem: issued }
}

function keepsCertificate(
  certPem: string,
  key: KeyObject,
  authority: Authority,
  options: IdentityOptions & { readonly addresses: readonly Ipv4[] },
): boolean {
  try {
    const certificate = new X509Certificate(certPem)
    const ours = certificate.verify(new X509Certificate(authority.certPem).publicKey)
    if (!ours || !certificate.checkPrivateKey(key)) return false
    const facts = {
      expiresAtMs: Date.parse(certificate.validTo),
      subjectAltName: certificate.subjectAltName ?? '',
    }
    return judgeServerCertificate(facts, options.addresses, options.dnsNames, options.now()).kind === 'keep'
  } catch {
    return false // unreadable: a server certificate is cheap, it is issued anew
  }
}

function checkPair(path: string, certPem: string, key: KeyObject): string {
  try {
    if (new X509Certificate(certPem).checkPrivateKey(key)) return certPem
  } catch (cause) {
    throw new GodwitError('GW_STORE', `${path} holds no certificate`, { cause })
  }
  throw new GodwitError('GW_STORE', `${path} does not belong to keys/ca.key.pem; restore the matching pair`)
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
