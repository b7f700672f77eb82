import type { AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import type { Log } from '../../protocol/log.ts'

const MAX_CONNECTIONS = 1024
const HANDSHAKE_TIMEOUT_MS = 10_000
/** A deputy whose machine lost power sends no FIN; the kernel asks it after this time. */
const KEEP_ALIVE_MS = 10_000

/** Key and certificate of this node, PEM. */
export type Secret = { readonly keyPem: string; readonly certificatePem: string }

/** The open agent port. */
export type Listener = {
  readonly port: number
  /** From now on new connections see this certificate. */
  renew(secret: Secret): void
  close(): void
}

/** Opens the agent port. Rejects when it is taken. Deputies show no certificate: their ticket speaks for them. */
export function openListener(
  where: { readonly address: string; readonly port: number },
  secret: Secret,
  onDeputy: (socket: TLSSocket) => void,
  log: Log,
): Promise<Listener> {
  const server = createServer({
    ...context(secret),
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    minVersion: 'TLSv1.3',
  })
  server.maxConnections = MAX_CONNECTIONS
  server.on('secureConnection', socket => {
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.setNoDelay(true)
    onDeputy(socket)
  })
  server.on('tlsClientError', error => log.info({ error }, 'TLS handshake failed'))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where.port, where.address, () => {
      server.off('error', reject)
      server.on('error', error => log.error({ error }, 'the agent port has a problem'))
      resolve({
        port: (server.address() as AddressInfo).port,
        renew: renewed => server.setSecureContext(context(renewed)),
        close: () => void server.close(),
      })
    })
  })
}

function context({ keyPem, certificatePem }: Secret): { readonly key: string; readonly cert: string } {
  return { key: keyPem, cert: certificatePem }
}
