import { createHash, X509Certificate } from 'node:crypto'
import { get } from 'node:http'
import { GodwitError } from '../../protocol/errors.ts'

/** A CA certificate is one or two kilobytes; more is not one. */
const CA_MAX_BYTES = 64 << 10
const CA_TIMEOUT_MS = 5000

/**
 * The cluster's CA certificate as PEM, fetched over plain HTTP and believed only because its SHA-256 (of the DER) is
 * `fingerprint`, which came with the boot. Throws GW_PEER_UNTRUSTED when it is another one, Error when unreachable.
 */
export async function fetchTrustedCa(server: string, port: number, fingerprint: string): Promise<string> {
  const pem = await fetchText(`http://${server}:${port}/ca.pem`)
  const actual = fingerprintOf(pem)
  if (actual === fingerprint.toLowerCase()) return pem
  throw new GodwitError(
    'GW_PEER_UNTRUSTED',
    `the CA certificate at ${server} is ${actual}, this boot was told ${fingerprint}`,
  )
}

/**
 * Tells whoever serves there that this node will not join it, as a failed boot: the one thing to be said to a server
 * that is not trusted, so that its administrator sees the reason beside the machine. Never throws, never waits.
 */
export function tellMistrust(
  { server, http, mac }: { readonly server: string; readonly http: number; readonly mac: string },
  message: string,
): void {
  const query = new URLSearchParams({ mac, stage: 'failed', detail: message })
  const request = get(
    `http://${server}:${http}/v1/stage?${query}`,
    { timeout: CA_TIMEOUT_MS, agent: false },
    answer => answer.resume(),
  )
  request.on('timeout', () => request.destroy())
  request.on('error', () => undefined)
}

function fingerprintOf(pem: string): string {
  try {
    return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')
  } catch (cause) {
    throw new GodwitError('GW_PEER_UNTRUSTED', 'the CA certificate cannot be read', { cause })
  }
}

/** `node:http` and not `fetch`: loading undici costs a slow node a tenth of a second. */
function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { timeout: CA_TIMEOUT_MS, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
        if (text.length > CA_MAX_BYTES) request.destroy(new Error(`${url}: too long for a certificate`))
      })
      response.on('error', reject)
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(text)
          : reject(new Error(`${url}: HTTP ${response.statusCode}`)),
      )
    })
    request.on('timeout', () => request.destroy(new Error(`${url}: no answer`)))
    request.on('error', reject)
  })
}
