import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type * as z from 'zod'
import { AdminError, RELAY_UPGRADE } from '../protocol/admin.ts'
import { ERRORS, type ErrorCode, GodwitError } from '../protocol/errors.ts'
import type { WayOptions } from '../streams/io/connect.ts'

/** Speaks to the server's admin socket. Every method throws GodwitError: GW_SERVER_DOWN, or what the server said. */
export type AdminClient = {
  /** `signal` gives it up. */
  get<S extends z.ZodType>(path: string, schema: S, signal?: AbortSignal): Promise<z.output<S>>
  post<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.output<S>>
  /** Posts, and hands over what comes: one document, or one after another as they come (application/x-ndjson). */
  postLines(path: string, body: unknown, onLine: (line: unknown) => void): Promise<void>
  /**
   * A byte pipe to a node's agent through the server; GW_NODE_OFFLINE when there is none in `timeoutMs`. Rejects with
   * the reason of `signal` as well.
   */
  relay(nodeId: string, options: WayOptions): Promise<Duplex>
}

/** A client for the server behind `socketPath`; connects on each call. */
export function adminClient(socketPath: string): AdminClient {
  return {
    get: async (path, schema, signal) =>
      schema.parse(await exchange({ socketPath, method: 'GET', path, signal }, undefined)),
    post: async (path, body, schema) =>
      schema.parse(await exchange({ socketPath, method: 'POST', path }, body)),
    postLines: (path, body, onLine) => exchangeLines(socketPath, path, body, onLine),
    relay: (nodeId, options) => openRelay(socketPath, nodeId, options),
  }
}

type Exchange = {
  readonly socketPath: string
  readonly method: string
  readonly path: string
  readonly signal?: AbortSignal | undefined
}

function exchange(options: Exchange, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const request = httpRequest({ ...options, headers }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        const json = response.headers['content-type']?.includes('json') ? (JSON.parse(text) as unknown) : text
        if ((response.statusCode ?? 500) < 400) resolve(json)
        else reject(remoteError(json))
      })
    })
    request.on('error', error => reject(connectError(options.socketPath, error)))
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

async function exchangeLines(
  socketPath: string,
  path: string,
  body: unknown,
  onLine: (line: unknown) => void,
): Promise<void> {
  const request = httpRequest({
    socketPath,
    method: 'POST',
    path,
    headers: { 'Content-Type': 'application/json' },
  })
  request.end(JSON.stringify(body))
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const isFine = (response.statusCode ?? 500) < 400
    let text = ''
    response.setEncoding('utf8')
    for await (const chunk of response) {
      const lines = `${text}${chunk}`.split('\n')
      text = lines.pop() ?? ''
      if (isFine) for (const line of lines) onLine(JSON.parse(line))
    }
    if (!isFine) throw remoteError(JSON.parse(text))
    if (text !== '') onLine(JSON.parse(text))
  } catch (error) {
    throw error instanceof GodwitError ? error : connectError(socketPath, error as NodeJS.ErrnoException)
  }
}

function openRelay(socketPath: string, nodeId: string, { timeoutMs, signal }: WayOptions): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: 'Upgrade', Upgrade: RELAY_UPGRADE }
    const request = httpRequest({ socketPath, path: `/v1/nodes/${nodeId}/stream`, headers })
    const giveUp = (error: Error): void => {
      reject(error)
      request.destroy()
    }
    const timer = setTimeout(
      () =>
        giveUp(
          new GodwitError('GW_NODE_OFFLINE', `no way to ${nodeId} through the server in ${timeoutMs} ms`),
        ),
      timeoutMs,
    )
    const onAbort = (): void => giveUp(signal?.reason as Error)
    const settle = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    signal?.addEventListener('abort', onAbort)
    request.on('close', settle)
    request.on('upgrade', (_response, socket, head) => {
      settle()
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    request.on('response', () =>
      reject(new GodwitError('GW_NODE_OFFLINE', `the server has no path to ${nodeId}`)),
    )
    request.on('error', error => reject(connectError(socketPath, error)))
    request.end()
  })
}

/** The server's refusal as it told it. */
export function remoteError(json: unknown): GodwitError {
  const parsed = AdminError.safeParse(json)
  if (!parsed.success)
    return new GodwitError('GW_BAD_MESSAGE', 'the server answered something that is not an answer')
  const code: ErrorCode = Object.hasOwn(ERRORS, parsed.data.code)
    ? (parsed.data.code as ErrorCode)
    : 'GW_BAD_MESSAGE'
  return new GodwitError(code, parsed.data.message, { cause: parsed.data.details })
}

function connectError(socketPath: string, error: NodeJS.ErrnoException): GodwitError {
  if (error.code === 'EACCES') {
    return new GodwitError('GW_NOT_PERMITTED', `this user may not open ${socketPath}`, { cause: error })
  }
  return new GodwitError('GW_SERVER_DOWN', `no server answers on ${socketPath}`, { cause: error })
}
