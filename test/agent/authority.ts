import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A CA made by OpenSSL, so that what we verify was not made by the code that verifies. All PEM. */
export type Authority = {
  readonly caPem: string
  issue(nodeId: string, ip: string): { readonly keyPem: string; readonly certificatePem: string }
  /** A certificate for a key that somebody else keeps. */
  certify(nodeId: string, ip: string, publicKeyPem: string): string
  close(): void
}

/** A fresh authority of its own; `close` removes its folder. */
export function createAuthority(): Authority {
  const dir = mkdtempSync(join(tmpdir(), 'godwit-test-ca-'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test CA')
  const text = (name: string) => readFileSync(join(dir, name), 'utf8')
  return {
    caPem: text('ca.pem'),
    issue(nodeId, ip) {
      openssl('req', ...key, '-keyout', 'node.key', '-out', 'node.csr', '-subj', `/CN=${nodeId}`)
      writeFileSync(join(dir, 'san'), `subjectAltName=DNS:${nodeId}.node.godwit,IP:${ip}\n`)
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'san', '-days', '1']
      openssl('x509', '-req', '-in', 'node.csr', '-out', 'node.pem', ...by)
      return { keyPem: text('node.key'), certificatePem: text('node.pem') }
    },
    certify(nodeId, ip, publicKeyPem) {
      openssl('req', ...key, '-keyout', 'any.key', '-out', 'node.csr', '-subj', `/CN=${nodeId}`)
      writeFileSync(join(dir, 'san'), `subjectAltName=DNS:${nodeId}.node.godwit,IP:${ip}\n`)
      writeFileSync(join(dir, 'public.pem'), publicKeyPem)
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'san', '-days', '1']
      openssl('x509', '-req', '-in', 'node.csr', '-force_pubkey', 'public.pem', '-out', 'node.pem', ...by)
      return text('node.pem')
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}
