import type { Socket } from 'node:net'
import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import * as z from 'zod'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import { listenOrExplain } from '../io/listen.ts'
import type { Libc } from '../io/native/libc.ts'
import { StageQuery } from './boot-query.ts'
import { ConnectionLimit } from './connection-limit.ts'
import { addFiles, type FileOptions } from './file-routes.ts'
import { replaceCongestion } from './io/replace-congestion.ts'
import { refusalOf } from './refusal.ts'
import { pathOf } from './request-target.ts'
import { addScripts, type ScriptOptions, sendVirtualFile } from './script-routes.ts'

/** What the boot HTTP server needs from the rest of the house. */
export type BootHttpOptions = ScriptOptions &
  FileOptions & {
    readonly address: Ipv4
    readonly port: number
    readonly caPem: string
    readonly limits: HttpLimits
    /** To replace a congestion control that costs too much; without it, connections have the host's. */
    readonly libc: Libc | undefined
    /** The server's figures in the text format of Prometheus. */
    metrics(): Promise<string>
  }

/** What one client, or all of them, may take. */
export type HttpLimits = {
  readonly maxConnections: number
  readonly maxConnectionsPerClient: number
  /** How long a client may take to send the head of a request. */
  readonly headMs: number
}

/** A head of more octets is answered 431. */
const MAX_HEAD_BYTES = 16 << 10
/** Prometheus' text format, version 0.0.4. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
/** Between two looks for connections that are late with their head. */
const LATE_CHECK_MS = 1000

/**
 * Serves what a machine needs before it has a system, on plain HTTP: scripts, loaders, image files with Range, the CA
 * certificate, and takes the initrd's stage reports. Throws GW_PORT_IN_USE.
 */
export async function startBootHttp(options: BootHttpOptions): Promise<{ close(): Promise<void> }> {
  const { headMs } = options.limits
  const app = fastify({
    exposeHeadRoutes: true,
    forceCloseConnections: true,
    keepAliveTimeout: 60_000,
    requestTimeout: headMs,
    http: {
      headersTimeout: headMs,
      connectionsCheckingInterval: Math.min(LATE_CHECK_MS, headMs),
      maxHeaderSize: MAX_HEAD_BYTES,
    },
    rewriteUrl: request => pathOf(request.url ?? '/'),
  })
  limitConnections(app, options)
  app.get('/healthz', async () => 'ok\n')
  app.get('/ca.pem', async (_request, reply) => reply.type('application/x-pem-file').send(options.caPem))
  app.get('/metrics', async (_request, reply) => reply.type(METRICS_TYPE).send(await options.metrics()))
  addScripts(app, options)
  addFiles(app, options)
  addStages(app, options)
  addRefusals(app, options)
  await listenOrExplain(() => app.listen({ host: options.address, port: options.port }), options.port, 'tcp')
  if (options.libc) replaceCongestion(app.server, options.libc, options.log)
  return { close: () => app.close() }
}

function limitConnections({ server }: FastifyInstance, { limits, count }: BootHttpOptions): void {
  const limit = new ConnectionLimit(limits.maxConnectionsPerClient)
  server.maxConnections = limits.maxConnections
  server.on('drop', () => count('http', 'refused: too many connections'))
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket
    if (remoteAddress === undefined) return
    if (!limit.enter(remoteAddress)) {
      count('http', 'refused: too many connections of one client')
      socket.destroy()
      return
    }
    socket.once('close', () => limit.leave(remoteAddress))
  })
  server.on('clientError', error => {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_HTTP_REQUEST_TIMEOUT') count('http', 'refused: head came too slowly')
    else if (code === 'HPE_HEADER_OVERFLOW') count('http', 'refused: head too large')
    else if (code?.startsWith('HPE_')) count('http', 'refused: not HTTP')
  })
}

function addStages(app: FastifyInstance, options: BootHttpOptions): void {
  app.get('/v1/stage', async (request, reply) => {
    const { mac, stage, detail } = StageQuery.parse(request.query)
    options.onBootEvent({ mac, stage, atMs: options.now(), ...(detail === undefined ? {} : { detail }) })
    return reply.code(204).send()
  })
}

function addRefusals(app: FastifyInstance, options: BootHttpOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    const refusal = refusalOf(request.method, request.headers)
    if (refusal === undefined) return undefined
    options.count('http', `refused: ${refusal.reason}`)
    const headers = { ...refusal.headers, connection: 'close' }
    return reply.code(refusal.status).headers(headers).type('text/plain').send(`${refusal.reason}\n`)
  })
  app.setErrorHandler((error: Error, request, reply) => {
    const status = error instanceof z.ZodError ? 400 : ((error as FastifyError).statusCode ?? 500)
    const facts = { url: request.url, remote: request.ip, reason: error.message }
    options.count('http', status < 500 ? 'refused: bad request' : 'failed: our own fault')
    if (status < 500) options.log.warn(facts, 'HTTP request refused')
    else options.log.error(facts, 'HTTP request failed')
    return reply.code(status).type('text/plain').send(`${error.message}\n`)
  })
  app.setNotFoundHandler((request, reply) => {
    if (sendVirtualFile(request, reply, options.firstScripts)) return reply
    options.count('http', 'refused: not found')
    return reply.code(404).type('text/plain').send(`there is no ${request.method} ${request.url}\n`)
  })
}
