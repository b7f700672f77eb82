import { chmod, unlink } from 'node:fs/promises'
import fastify, { type FastifyInstance } from 'fastify'
import * as z from 'zod'
import { ProcessId } from '../../config/values/node-id.ts'
import { type AdminError, KillRequest, type ServerStatus, strict } from '../../protocol/admin.ts'
import type { Decision } from '../../protocol/decision.ts'
import { type ErrorCode, GodwitError } from '../../protocol/errors.ts'
import type { HistoryView } from '../../protocol/history.ts'
import type { Log } from '../../protocol/log.ts'
import type { BootRecord, NodeView } from '../../protocol/node.ts'
import { type Output, OutputAsked } from '../../protocol/output.ts'
import type { ProcessRecord } from '../../protocol/process.ts'
import { addRelay, type RelayTarget } from './relay.ts'
import { answerRun, type PlaceRun } from './run-answer.ts'

/** The answers the admin API gives; each function is handed in by main. They throw GodwitError for a "no". */
export type AdminOptions = {
  readonly socketPath: string
  status(): ServerStatus
  nodes(): readonly NodeView[]
  node(idOrName: string): NodeView | undefined
  timeline(id: string): Promise<readonly BootRecord[]>
  approve(id: string): Promise<void>
  drain(id: string, draining: boolean): Promise<void>
  mintBoot(mac: string): Promise<string>
  readonly run: PlaceRun
  refused(id: ProcessId, code: string, message: string): Promise<void>
  processes(all: boolean): Promise<readonly ProcessRecord[]>
  process(id: string): Promise<ProcessRecord>
  why(id: string): Promise<Decision>
  kill(id: string, signal: string): Promise<void>
  output(id: string, asked: OutputAsked): Promise<Output>
  histories(): readonly HistoryView[]
  /** Answers whether the key was known. */
  forgetHistory(key: string): Promise<boolean>
  readonly relayTarget: RelayTarget
  readonly log: Log
}

const HTTP_STATUS: Partial<Record<ErrorCode, number>> = {
  GW_BAD_MESSAGE: 400,
  GW_NODE_UNKNOWN: 404,
  GW_PROCESS_UNKNOWN: 404,
  GW_HISTORY_UNKNOWN: 404,
  GW_NODE_OFFLINE: 409,
  GW_NO_OUTPUT: 404,
  GW_NO_PLACE: 409,
  GW_PROCESS_ENDED: 409,
}

/**
 * The local admin API: JSON over HTTP on a unix socket that only the server's own user may open. Everything the CLI
 * shows comes from here.
 */
export async function startAdmin(options: AdminOptions): Promise<{ close(): Promise<void> }> {
  const app = fastify({ bodyLimit: 4 << 20, forceCloseConnections: true })
  addNodes(app, options)
  addProcesses(app, options)
  addHistory(app, options)
  const relay = addRelay(app.server, options.relayTarget, options.log)
  app.get('/v1/status', async () => options.status())
  app.setErrorHandler((error: Error, _request, reply) => {
    const body = errorBody(error)
    if (body.code === 'GW_STORE' || body.code === 'GW_INTERNAL') {
      options.log.error({ error: String(error) }, 'admin request failed')
    }
    return reply.code(HTTP_STATUS[body.code as ErrorCode] ?? 500).send(body)
  })
  await removeStaleSocket(options.socketPath)
  await app.listen({ path: options.socketPath })
  await chmod(options.socketPath, 0o600)
  return {
    close: async () => {
      relay.close()
      await app.close()
    },
  }
}

function addNodes(app: FastifyInstance, options: AdminOptions): void {
  const find = (name: string): NodeView => {
    const node = options.node(name)
    if (node === undefined) throw new GodwitError('GW_NODE_UNKNOWN', `there is no node "${name}"`)
    return node
  }
  app.get('/v1/nodes', async () => options.nodes())
  app.get<{ Params: { name: string } }>('/v1/nodes/:name', async request => find(request.params.name))
  app.get<{ Params: { name: string } }>('/v1/nodes/:name/boots', async request =>
    options.timeline(find(request.params.name).id),
  )
  app.post<{ Params: { name: string } }>('/v1/nodes/:name/approve', async request => {
    await options.approve(find(request.params.name).id)
    return find(request.params.name)
  })
  for (const [verb, draining] of [
    ['drain', true],
    ['resume', false],
  ] as const)
    app.post<{ Params: { name: string } }>(`/v1/nodes/:name/${verb}`, async request => {
      await options.drain(find(request.params.name).id, draining)
      return find(request.params.name)
    })
  app.post<{ Params: { mac: string } }>('/v1/boots/:mac', async (request, reply) =>
    reply.type('text/plain').send(await options.mintBoot(request.params.mac)),
  )
}

function addProcesses(app: FastifyInstance, options: AdminOptions): void {
  app.post('/v1/runs', (request, reply) => answerRun(request.body, reply, options.run, errorBody))
  app.get<{ Querystring: { all?: string } }>('/v1/processes', async request =>
    options.processes(request.query.all === '1'),
  )
  app.get<{ Params: { id: string } }>('/v1/processes/:id', async request =>
    options.process(request.params.id),
  )
  app.get<{ Params: { id: string } }>('/v1/processes/:id/decision', async request =>
    options.why(request.params.id),
  )
  app.get<{ Params: { id: string }; Querystring: { from?: string; waitMs?: string } }>(
    '/v1/processes/:id/output',
    async request => {
      const { from = '0', waitMs = '0' } = request.query
      const asked = { from: from === 'end' ? from : Number(from), waitMs: Number(waitMs) }
      return options.output(request.params.id, OutputAsked.parse(asked))
    },
  )
  app.post<{ Params: { id: string } }>('/v1/processes/:id/kill', async request => {
    const record = await options.process(request.params.id)
    await options.kill(record.id, strict(KillRequest).parse(request.body).signal)
    return options.process(record.id)
  })
  app.post<{ Params: { id: string } }>('/v1/processes/:id/refused', async (request, reply) => {
    const { code, message } = strict(Refusal).parse(request.body)
    await options.refused(ProcessId.parse(request.params.id), code, message)
    return reply.code(204).send()
  })
}

function addHistory(app: FastifyInstance, options: AdminOptions): void {
  app.get('/v1/history', async () => options.histories())
  app.post('/v1/history/forget', async request => {
    const { key } = z.strictObject({ key: z.string() }).parse(request.body)
    if (await options.forgetHistory(key)) return { forgotten: key }
    throw new GodwitError('GW_HISTORY_UNKNOWN', `nothing is remembered as "${key}"`)
  })
}

/** What of a refusal is kept; an agent's text may be longer, and that is no reason to lose it. */
const REFUSAL_MAX_CHARS = 500

/** What a deputy tells of an agent that did not start its process. */
const Refusal = z.object({
  code: z.string().max(40),
  message: z.string().transform(text => text.slice(0, REFUSAL_MAX_CHARS)),
})

function errorBody(error: Error): AdminError {
  if (error instanceof GodwitError) {
    const details = Array.isArray(error.cause) ? error.cause.map(String) : []
    return { code: error.code, message: error.message, details }
  }
  if (error instanceof z.ZodError) {
    const details = error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
    return { code: 'GW_BAD_MESSAGE', message: 'the request does not fit its schema', details }
  }
  const { statusCode = 500 } = error as { statusCode?: number }
  return { code: statusCode < 500 ? 'GW_BAD_MESSAGE' : 'GW_INTERNAL', message: error.message, details: [] }
}

/** A socket file left by a killed server would make every later start fail. */
async function removeStaleSocket(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}
