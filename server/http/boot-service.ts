import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import * as z from 'zod'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { OnBootEvent } from '../../protocol/boot.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import { listenOrExplain } from '../io/listen.ts'
import { RateLimit } from '../rate-limit.ts'
import { BootQuery, StageQuery } from './boot-query.ts'
import { type SendableFile, sendFile } from './send-file.ts'

/** What the boot HTTP server needs from the rest of the house. */
export type BootHttpOptions = {
  readonly address: Ipv4
  readonly port: number
  readonly caPem: string
  readonly firstScript: string
  /** The script for one machine; text that tells a reason when there is nothing to boot. */
  machineScript(query: BootQuery, remote: Ipv4): Promise<string>
  imageFile(digest: string, name: string): Promise<SendableFile | undefined>
  loaderFile(name: string): Promise<SendableFile | undefined>
  readonly onBootEvent: OnBootEvent
  readonly log: Log
  readonly count: Count
  readonly now: Now
}

/** Machine scripts a second for one address: each writes a token to the disk, and a boot asks for a few in all. */
const SCRIPTS_PER_SECOND = 5

/** Boot stages that are over when one of these files has gone out whole. */
const STAGE_OF_FILE: Readonly<Record<string, 'kernel' | 'initrd'>> = {
  vmlinuz: 'kernel',
  'initrd.img': 'initrd',
}

/**
 * Serves what a machine needs before it has a system, on plain HTTP: scripts, loaders, image files with Range, the CA
 * certificate, and takes the initrd's stage reports. Throws GW_PORT_IN_USE.
 */
export async function startBootHttp(options: BootHttpOptions): Promise<{ close(): Promise<void> }> {
  const app = fastify({
    exposeHeadRoutes: true,
    forceCloseConnections: true,
    keepAliveTimeout: 60_000,
    requestTimeout: 0,
  })
  addScripts(app, options)
  addFiles(app, options)
  addStages(app, options)
  app.setErrorHandler((error: Error, request, reply) => {
    const status = error instanceof z.ZodError ? 400 : ((error as FastifyError).statusCode ?? 500)
    const facts = { url: request.url, remote: request.ip, reason: error.message }
    options.count('http', status < 500 ? 'refused: bad request' : 'failed: our own fault')
    if (status < 500) options.log.warn(facts, 'HTTP request refused')
    else options.log.error(facts, 'HTTP request failed')
    return reply.code(status).type('text/plain').send(`${error.message}\n`)
  })
  app.setNotFoundHandler((request, reply) => {
    options.count('http', 'refused: not found')
    return reply.code(404).type('text/plain').send(`there is no ${request.method} ${request.url}\n`)
  })
  await listenOrExplain(() => app.listen({ host: options.address, port: options.port }), options.port, 'tcp')
  return { close: () => app.close() }
}

function addScripts(app: FastifyInstance, options: BootHttpOptions): void {
  const scripts = new RateLimit(SCRIPTS_PER_SECOND)
  app.get('/healthz', async () => 'ok\n')
  app.get('/ca.pem', async (_request, reply) => reply.type('application/x-pem-file').send(options.caPem))
  app.get('/boot.ipxe', async (_request, reply) => reply.type('text/plain').send(options.firstScript))
  app.get('/v1/boot.ipxe', async (request, reply) => {
    const query = BootQuery.parse(request.query)
    if (!scripts.allows(request.ip, options.now())) {
      options.count('http', 'refused: too many scripts')
      return reply.code(429).type('text/plain').send('too many boot scripts at once; ask again in a second\n')
    }
    const script = await options.machineScript(query, remoteOf(request))
    return reply.type('text/plain').send(script)
  })
}

function addStages(app: FastifyInstance, options: BootHttpOptions): void {
  app.get('/v1/stage', async (request, reply) => {
    const { mac, stage, detail } = StageQuery.parse(request.query)
    options.onBootEvent({ mac, stage, atMs: options.now(), ...(detail === undefined ? {} : { detail }) })
    return reply.code(204).send()
  })
}

function addFiles(app: FastifyInstance, options: BootHttpOptions): void {
  app.get<{ Params: { digest: string; name: string } }>('/images/:digest/:name', async (request, reply) => {
    const file = await options.imageFile(request.params.digest, request.params.name)
    return file ? transfer(request, reply, file, options) : reply.callNotFound()
  })
  app.get<{ Params: { name: string } }>('/loaders/:name', async (request, reply) => {
    const file = await options.loaderFile(request.params.name)
    return file ? transfer(request, reply, file, options) : reply.callNotFound()
  })
}

async function transfer(
  request: FastifyRequest,
  reply: FastifyReply,
  file: SendableFile,
  options: BootHttpOptions,
): Promise<void> {
  reply.hijack()
  try {
    const sentBytes = await sendFile(request.raw, reply.raw, file)
    options.count('http', sentBytes === file.sizeBytes ? 'file sent' : 'part of a file sent')
    if (sentBytes === file.sizeBytes) tellStage(request, file, options)
  } catch (error) {
    options.count('http', 'failed: file not readable')
    options.log.error({ path: file.path, error: String(error) }, 'a file could not be sent')
    reply.raw.destroy()
  }
}

/** The machine is named in the URL we gave it (`?mac=`); a request by anybody else is just a download. */
function tellStage(request: FastifyRequest, file: SendableFile, options: BootHttpOptions): void {
  const stage = STAGE_OF_FILE[file.path.slice(file.path.lastIndexOf('/') + 1)]
  const machine = StageQuery.safeParse({ ...(request.query as object), stage })
  if (machine.success)
    options.onBootEvent({ mac: machine.data.mac, stage: machine.data.stage, atMs: options.now() })
}

function remoteOf(request: FastifyRequest): Ipv4 {
  return request.ip.replace(/^::ffff:/, '') as Ipv4
}
