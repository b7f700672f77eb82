import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { WebSocketServer } from 'ws'
import { LINK_MAX_MESSAGE_BYTES, LINK_PATH } from '../../../protocol/link.ts'
import type { Count, Log } from '../../../protocol/log.ts'
import { listenOrExplain } from '../../io/listen.ts'
import type { LinkHandlers } from '../connection.ts'
import { type Peer, readPeer } from '../identity/peer.ts'
import type { Identity, ServerCertificate } from '../identity/service.ts'
import { runSession } from './io/session.ts'
import { guardStranger } from './io/stranger-guard.ts'
import { Strangers } from './strangers.ts'

/** A TLS handshake or an HTTP request that takes longer is not made in good faith. */
const HANDSHAKE_TIMEOUT_MS = 10_000
/** Connections at once; a LAN has fewer nodes. */
const CONNECTIONS_MAX = 4096

/** What {@link startLink} needs. Port 0 takes any free one. */
export type LinkOptions = {
  readonly address: string
  readonly port: number
  readonly identity: ServerCertificate & Pick<Identity, 'caCertPem'>
  readonly handlers: LinkHandlers
  readonly log: Log
  readonly count: Count
}

/** The running link. */
export type Link = { readonly port: number; close(): Promise<void> }

/**
 * Listens for agents: TLS with our certificate, the client's certificate asked for but not demanded (a fresh boot
 * has none; its hello decides), WebSocket on LINK_PATH, `GET /healthz` for everybody. Rejects with GW_PORT_IN_USE or
 * GW_NOT_PERMITTED.
 */
export async function startLink(options: LinkOptions): Promise<Link> {
  const { address, port, identity, log, count } = options
  const server = createServer(
    {
      key: identity.serverKeyPem,
      cert: identity.serverCertPem + identity.caCertPem,
      ca: identity.caCertPem,
      minVersion: 'TLSv1.2',
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      requestTimeout: HANDSHAKE_TIMEOUT_MS,
    },
    (request, response) => {
      const isHealth = request.method === 'GET' && request.url === '/healthz'
      response.writeHead(isHealth ? 200 : 404, { 'content-type': 'text/plain' })
      response.end(isHealth ? 'ok\n' : 'not found\n')
    },
  )
  server.maxConnections = CONNECTIONS_MAX
  server.on('tlsClientError', error => {
    count('link', 'tls handshake failed')
    log.debug({ error: String(error) }, 'a TLS handshake failed')
  })
  await listenOrExplain(() => listen(server, address, port), port, 'tcp')
  // After listening: ws would take a failed listen for an error of its own.
  const sockets = acceptAgents(server, options)
  return {
    port: (server.address() as AddressInfo).port,
    close: () => closeAll(server, sockets),
  }
}

function acceptAgents(server: Server, { handlers, log, count }: LinkOptions): WebSocketServer {
  const sockets = new WebSocketServer({
    server,
    path: LINK_PATH,
    perMessageDeflate: false,
    maxPayload: LINK_MAX_MESSAGE_BYTES,
  })
  // An agent whose clock is years off sets it by this before it judges the age of a ticket.
  sockets.on('headers', headers => headers.push(`Date: ${new Date().toUTCString()}`))
  sockets.on('error', error => log.error({ error: String(error) }, 'the agent link has a problem'))
  const strangers = new Strangers()
  sockets.on('connection', (socket, request) => {
    const remote = `${request.socket.remoteAddress}:${request.socket.remotePort}`
    const onAdmitted = guardStranger(socket, request.socket, strangers, reason => {
      count('link', reason)
      log.warn({ remote, reason }, `a connection was ended: ${reason}`)
    })
    if (onAdmitted === undefined) return
    const peer = peerOf(request.socket)
    runSession(socket, { peer, stream: request.socket, remote, handlers, onAdmitted, log, count })
  })
  return sockets
}

function peerOf(socket: unknown): Peer {
  if (!(socket instanceof TLSSocket)) return { kind: 'none' }
  const certificate = socket.getPeerCertificate()
  const isShown = certificate !== null && Object.keys(certificate).length > 0
  const error = socket.authorized ? undefined : String(socket.authorizationError ?? 'not verified')
  return readPeer(isShown ? certificate.subject : undefined, error)
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function closeAll(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate()
  sockets.close()
  await new Promise<void>(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
