import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import * as z from 'zod'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Log } from '../../protocol/log.ts'
import { listenOrExplain } from '../io/listen.ts'
import { StageQuery } from './boot-query.ts'
import { addScripts, remoteOf, type ScriptOptions, sendVirtualFile } from './script-routes.ts'
import { type SendableFile, sendFile } from './send-file.ts'

/** What the boot HTTP server needs from the rest of the house. */
export type BootHttpOptions = ScriptOptions & {
  readonly address: Ipv4
  readonly port: number
  readonly caPem: string
  imageFile(digest: string, name: string): Promise<SendableFile | undefined>
  loaderFile(name: string): Promise<SendableFile | undefined>
  /** A loader went out whole. */
  onLoaderSent(name: string, remote: Ipv4): void
  readonly log: Log
}

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
  app.get('/healthz', async () => 'ok\n')
  app.get('/ca.pem', async (_request, reply) => reply.type('application/x-pem-file').send(options.caPem))
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
    if (sendVirtualFile(request, reply, options.firstScripts)) return reply
    options.count('http', 'refused: not found')
    return reply.code(404).type('text/plain').send(`there is no ${request.method} ${request.url}\n`)
  })
  await listenOrExplain(() => app.listen({ host: options.address, port: options.port }), options.port, 'tcp')
  return { close: () => app.close() }
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
    if (file === undefined) return reply.callNotFound()
    if (await transfer(request, reply, file, options)) tellStage(request, file, options)
  })
  app.get<{ Params: { name: string } }>('/loaders/:name', async (request, reply) => {
    const { name } = request.params
    const file = await options.loaderFile(name)
    if (file === undefined) return reply.callNotFound()
    if (await transfer(request, reply, file, options)) options.onLoaderSent(name, remoteOf(request))
  })
}

/** Sends the file; whether it went out whole. */
async function transfer(
  request: FastifyRequest,
  reply: FastifyReply,
  file: SendableFile,
  options: BootHttpOptions,
): Promise<boolean> {
  reply.hijack()
  try {
    const sentBytes = await sendFile(request.raw, reply.raw, file)
    options.count('http', sentBytes === file.sizeBytes ? 'file sent' : 'part of a file sent')
    return sentBytes === file.sizeBytes
  } catch (error) {
    options.count('http', 'failed: file not readable')
    options.log.error({ path: file.path, error: String(error) }, 'a file could not be sent')
    reply.raw.destroy()
    return false
  }
}

/** The machine is named in the URL we gave it (`?mac=`); a request by anybody else is just a download. */
function tellStage(request: FastifyRequest, file: SendableFile, options: BootHttpOptions): void {
  const stage = STAGE_OF_FILE[file.path.slice(file.path.lastIndexOf('/') + 1)]
  const machine = StageQuery.safeParse({ ...(request.query as object), stage })
  if (machine.success)
    options.onBootEvent({ mac: machine.data.mac, stage: machine.data.stage, atMs: options.now() })
}
