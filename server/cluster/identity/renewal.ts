import type { Ipv4 } from '../../../config/values/ipv4.ts'

/** A server certificate with less than this to live is issued anew at the next start. */
const RENEW_BEFORE_MS = 30 * 86_400_000

/** What is read from a certificate; `subjectAltName` as OpenSSL prints it: `DNS:a, IP Address:10.0.0.1`. */
export type CertificateFacts = { readonly expiresAtMs: number; readonly subjectAltName: string }

/** Whether a server certificate still serves, and if not, why. */
export type Renewal = { readonly kind: 'keep' } | { readonly kind: 'renew'; readonly reason: string }

/** Compares a server certificate with the names the server has now. */
export function judgeServerCertificate(
  facts: CertificateFacts,
  addresses: readonly Ipv4[],
  dnsNames: readonly string[],
  nowMs: number,
): Renewal {
  if (facts.expiresAtMs - nowMs < RENEW_BEFORE_MS) return { kind: 'renew', reason: 'it nears its end' }
  const names = new Set(facts.subjectAltName.split(', '))
  const missing = [...addresses.map(ip => `IP Address:${ip}`), ...dnsNames.map(name => `DNS:${name}`)].find(
    name => !names.has(name),
  )
  return missing === undefined ? { kind: 'keep' } : { kind: 'renew', reason: `it lacks ${missing}` }
}
