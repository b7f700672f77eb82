import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { OnBootEvent } from '../../protocol/boot.ts'
import type { Count, Now } from '../../protocol/log.ts'
import { type FirstScripts, virtualFile } from '../boot/virtual-file.ts'
import { RateLimit } from '../rate-limit.ts'
import { BootErrorQuery, BootQuery } from './boot-query.ts'

/** The scripts of one link, and who hears of a machine's troubles with them. */
export type ScriptOptions = {
  readonly firstScripts: FirstScripts
  /** The iPXE script for one machine; one that tells a reason when there is nothing to boot. */
  machineScript(query: BootQuery, remote: Ipv4): Promise<string>
  /** The same for GRUB. */
  grubMachineScript(query: BootQuery, remote: Ipv4): Promise<string>
  readonly onBootEvent: OnBootEvent
  readonly count: Count
  readonly now: Now
}

/** Machine scripts a second for one address: each writes a token to the disk, and a boot asks for a few in all. */
const SCRIPTS_PER_SECOND = 5

/** The client's address of a request, without the prefix it has on a socket that also hears IPv6. */
export function remoteOf(request: FastifyRequest): Ipv4 {
  return request.ip.replace(/^::ffff:/, '') as Ipv4
}

/** Adds the routes that loaders fetch scripts by, and the one they tell their errors to. */
export function addScripts(app: FastifyInstance, options: ScriptOptions): void {
  const limit = new RateLimit(SCRIPTS_PER_SECOND)
  const isTooMany = (request: FastifyRequest): boolean => {
    if (limit.allows(request.ip, options.now())) return false
    options.count('http', 'refused: too many scripts')
    return true
  }
  const byMachine =
    (script: ScriptOptions['machineScript']) => async (request: FastifyRequest, reply: FastifyReply) => {
      const query = BootQuery.parse(request.query)
      if (isTooMany(request)) return reply.code(429).type('text/plain').send(TOO_MANY)
      return sendText(request, reply, await script(query, remoteOf(request)))
    }
  app.get('/v1/boot.ipxe', byMachine(options.machineScript))
  app.get('/v1/grub.cfg', byMachine(options.grubMachineScript))
  app.get('/v1/boot-error', async (request, reply) => {
    const error = BootErrorQuery.parse(request.query)
    if (isTooMany(request)) return reply.code(429).type('text/plain').send(TOO_MANY)
    const { mac } = error
    options.onBootEvent({ mac, stage: 'failed', atMs: options.now(), detail: describeError(error) })
    return sendText(request, reply, 'the server has taken note\n')
  })
}

/**
 * Answers a request that no route takes with the script of that name, if there is one: loaders look for
 * `autoexec.ipxe` and `grub.cfg` beside themselves, wherever that is. Returns whether it did.
 */
export function sendVirtualFile(
  request: FastifyRequest,
  reply: FastifyReply,
  scripts: FirstScripts,
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const path = request.url.split('?', 1)[0] ?? ''
  const script = virtualFile(path.split('/'), scripts)
  if (script === undefined) return false
  sendText(request, reply, script)
  return true
}

/**
 * Past fastify, which writes `content-length`: GRUB 2.06 knows `Content-Length` only, in that spelling, and without it
 * waits half a minute for the connection to end.
 */
function sendText(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  const bytes = new TextEncoder().encode(text)
  reply.hijack()
  reply.raw.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': bytes.length })
  reply.raw.end(request.method === 'HEAD' ? undefined : bytes)
  return reply
}

const TOO_MANY = 'too many boot scripts at once; ask again in a second\n'

/** One line for the timeline; iPXE's error numbers have a page each at https://ipxe.org/NUMBER. */
function describeError({ step, errno }: BootErrorQuery): string {
  const number = errno === undefined ? '' : ` (iPXE error ${errno}, see ipxe.org/${errno})`
  return `the loader could not do the step "${step}"${number}`
}
