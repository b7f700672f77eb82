import 'reflect-metadata' // must come before @peculiar/x509: its tsyringe throws without the polyfill
import { createPublicKey, type KeyObject, webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { NodeId } from '../../../config/values/node-id.ts'
import { nodeDnsName } from '../../../protocol/node.ts'

/** ECDSA on P-256 with SHA-256: what every TLS stack of the last ten years verifies, and quick on old PCs. */
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
/** The organisation in every subject of this cluster. */
const ORGANISATION = 'godwit'
/**
 * All our certificates are valid from here. A PC with a dead CMOS battery comes up years in the past; a later
 * notBefore would make it refuse the very server it should set its clock by. notAfter still bounds each life.
 */
const NOT_BEFORE = new Date('2000-01-01T00:00:00Z')
const DAY_MS = 86_400_000
/** Days that the CA, the server's and a node's certificate live. */
const LIFE_DAYS = { authority: 3650, server: 365, node: 30 } as const

/** Who signs: the CA's certificate and private key, PEM both. */
export type Authority = { readonly certPem: string; readonly key: KeyObject }

/** What a node's certificate is made of; `kernelBootId` binds it to one boot of that node. */
export type NodeSubject = {
  readonly nodeId: NodeId
  readonly kernelBootId: string
  readonly ip: Ipv4
  readonly publicKeyPem: string
}

/** A self-signed CA certificate over `key` (P-256 private), PEM. */
export async function createAuthorityCertificate(key: KeyObject, nowMs: number): Promise<string> {
  const keys = { privateKey: await signingKey(key), publicKey: await verifyingKey(key) }
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['godwit cluster CA'] }, { O: [ORGANISATION] }],
    keys,
    ...life(nowMs, LIFE_DAYS.authority),
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return pem(certificate)
}

/** The server's certificate over `key`: IP SANs of its addresses, DNS SANs of its names. PEM. */
export async function issueServerCertificate(
  authority: Authority,
  subject: {
    readonly key: KeyObject
    readonly addresses: readonly Ipv4[]
    readonly dnsNames: readonly string[]
  },
  nowMs: number,
): Promise<string> {
  return issue(authority, {
    name: [{ CN: ['godwit server'] }, { O: [ORGANISATION] }],
    publicKeyDer: createPublicKey(subject.key).export({ type: 'spki', format: 'der' }),
    names: [
      ...subject.addresses.map(value => ({ type: 'ip' as const, value })),
      ...subject.dnsNames.map(value => ({ type: 'dns' as const, value })),
    ],
    days: LIFE_DAYS.server,
    nowMs,
  })
}

/**
 * A node's certificate over the agent's public key: CN is the node, OU the kernel's boot id, SANs
 * {@link nodeDnsName} and its address. Throws TypeError when the key is not an EC P-256 or Ed25519 SPKI PEM.
 */
export async function issueNodeCertificate(
  authority: Authority,
  subject: NodeSubject,
  nowMs: number,
): Promise<string> {
  return issue(authority, {
    name: [{ CN: [subject.nodeId] }, { OU: [subject.kernelBootId] }, { O: [ORGANISATION] }],
    publicKeyDer: agentKeyDer(subject.publicKeyPem),
    names: [
      { type: 'dns', value: nodeDnsName(subject.nodeId) },
      { type: 'ip', value: subject.ip },
    ],
    days: LIFE_DAYS.node,
    nowMs,
  })
}

/** SHA-256 of the certificate's DER in hex: what boot scripts pin. */
export function certificateFingerprint(certPem: string): string {
  return new X509Certificate(certPem).fingerprint256.replaceAll(':', '').toLowerCase()
}

type Issue = {
  readonly name: x509.JsonName
  readonly publicKeyDer: Uint8Array
  readonly names: x509.JsonGeneralNames
  readonly days: number
  readonly nowMs: number
}

async function issue(authority: Authority, request: Issue): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certPem)
  const publicKey = new x509.PublicKey(Uint8Array.from(request.publicKeyDer))
  const certificate = await x509.X509CertificateGenerator.create({
    subject: request.name,
    issuer: issuer.subjectName,
    publicKey,
    signingKey: await signingKey(authority.key),
    ...life(request.nowMs, request.days),
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      // An agent is a client of the server and a server to deputies; the server is asked by both.
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension(request.names),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return pem(certificate)
}

function agentKeyDer(publicKeyPem: string): Uint8Array {
  const key = createPublicKey(publicKeyPem)
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (key.asymmetricKeyType !== 'ed25519' && curve !== 'prime256v1')
    throw new TypeError(`an agent's key is EC P-256 or Ed25519, not ${curve ?? key.asymmetricKeyType}`)
  return key.export({ type: 'spki', format: 'der' })
}

function life(nowMs: number, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: NOT_BEFORE, notAfter: new Date(nowMs + days * DAY_MS) }
}

function pem(certificate: x509.X509Certificate): string {
  return certificate.toString('pem').trimEnd() + '\n'
}

async function signingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = key.export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', der, ECDSA, false, ['sign'])
}

async function verifyingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return webcrypto.subtle.importKey('spki', der, ECDSA, true, ['verify'])
}
