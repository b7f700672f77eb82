import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { OnBootEvent } from '../../protocol/boot.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import { StageQuery } from './boot-query.ts'
import type { SharedFiles } from './io/shared-files.ts'
import { remoteOf } from './script-routes.ts'
import { type SendableFile, sendFile } from './send-file.ts'

/** The files there are, how they are sent, and who hears of it. */
export type FileOptions = {
  imageFile(digest: string, name: string): Promise<SendableFile | undefined>
  loaderFile(name: string): Promise<SendableFile | undefined>
  /** A loader went out whole. */
  onLoaderSent(name: string, remote: Ipv4): void
  /** A file or a part of it went out. */
  onSent(sentBytes: number, isWhole: boolean): void
  readonly files: SharedFiles
  /** How long a client may take no octet before its connection is ended. */
  readonly stallMs: number
  readonly onBootEvent: OnBootEvent
  readonly log: Log
  readonly count: Count
  readonly now: Now
}

/** Boot stages that are over when one of these files has gone out whole. */
const STAGE_OF_FILE: Readonly<Record<string, 'kernel' | 'initrd'>> = {
  vmlinuz: 'kernel',
  'initrd.img': 'initrd',
}

/** Adds the routes of image files and loaders. A name is looked up, never joined to a folder. */
export function addFiles(app: FastifyInstance, options: FileOptions): void {
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
  options: FileOptions,
): Promise<boolean> {
  const { files, stallMs, count } = options
  reply.hijack()
  try {
    const onStall = () => count('http', 'ended: client took nothing')
    const { sentBytes, isWhole } = await sendFile(request.raw, reply.raw, file, { files, stallMs, onStall })
    if (sentBytes > 0) options.onSent(sentBytes, isWhole)
    count('http', isWhole ? 'file sent' : 'part of a file sent')
    return isWhole
  } catch (error) {
    count('http', 'failed: file not readable')
    options.log.error({ path: file.path, error: String(error) }, 'a file could not be sent')
    if (!reply.raw.headersSent) reply.raw.writeHead(500, { 'Content-Length': 0 }).end()
    return false
  }
}

/** The machine is named in the URL we gave it (`?mac=`); a request by anybody else is just a download. */
function tellStage(request: FastifyRequest, file: SendableFile, options: FileOptions): void {
  const stage = STAGE_OF_FILE[file.path.slice(file.path.lastIndexOf('/') + 1)]
  const machine = StageQuery.safeParse({ ...(request.query as object), stage })
  if (machine.success)
    options.onBootEvent({ mac: machine.data.mac, stage: machine.data.stage, atMs: options.now() })
}
