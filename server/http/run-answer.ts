import type { FastifyReply } from 'fastify'
import { type AdminError, type RunGrant, RunRequest, type RunWaiting, strict } from '../../protocol/admin.ts'
import { GodwitError } from '../../protocol/errors.ts'

/** Places a run; tells `onWaiting` while it waits for memory, and gives up when `signal` is aborted. */
export type PlaceRun = (
  request: RunRequest,
  wait: { readonly signal: AbortSignal; onWaiting(where: RunWaiting['waiting']): void },
) => Promise<RunGrant>

/**
 * Answers POST /v1/runs: one JSON document, or, for a run that waits, lines of JSON of which the last is the grant or
 * the error. A client that closes its connection no longer waits.
 */
export async function answerRun(
  body: unknown,
  reply: FastifyReply,
  run: PlaceRun,
  errorBody: (error: Error) => AdminError,
): Promise<RunGrant | undefined> {
  const gone = new AbortController()
  reply.raw.on('close', () => gone.abort(new GodwitError('GW_NO_PLACE', 'who asked has gone')))
  let isWaiting = false
  const line = (value: unknown): void => {
    if (!isWaiting) {
      isWaiting = true
      reply.hijack()
      reply.raw.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
    }
    reply.raw.write(`${JSON.stringify(value)}\n`)
  }
  try {
    const onWaiting = (waiting: RunWaiting['waiting']) => line({ waiting })
    const grant = await run(strict(RunRequest).parse(body), { signal: gone.signal, onWaiting })
    if (!isWaiting) return grant
    line({ grant })
  } catch (error) {
    if (!isWaiting) throw error
    line({ error: errorBody(error as Error) })
  }
  reply.raw.end()
  return undefined
}
