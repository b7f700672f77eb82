import { setTimeout } from 'node:timers/promises'
import { RunGrant, type RunRequest, RunWaiting } from '../../protocol/admin.ts'
import { GodwitError } from '../../protocol/errors.ts'
import { type AdminClient, remoteError } from '../admin-client.ts'

/** How long one who waits for memory looks for a server that went away, and the pause between two looks. */
const SERVER_BACK_MS = 60_000
const LOOK_MS = 500

/**
 * Asks the server for a place. While only memory is missing it waits, and `tell` gets lines for the person. A server
 * that is restarted meanwhile is asked again, for the same place in the line. Rejects with what the server said, or
 * GW_SERVER_DOWN.
 */
export async function askPlace(
  client: Pick<AdminClient, 'postLines'>,
  request: RunRequest,
  tell: (line: string) => void,
): Promise<RunGrant> {
  let sinceMs: number | undefined
  let downSinceMs: number | undefined
  for (;;) {
    try {
      const asked = sinceMs === undefined ? request : { ...request, waitingSinceMs: sinceMs }
      return await askOnce(client, asked, waiting => {
        sinceMs = waiting.sinceMs
        downSinceMs = undefined
        tell(waiting.message)
      })
    } catch (error) {
      const isDown = error instanceof GodwitError && error.code === 'GW_SERVER_DOWN'
      if (!isDown || sinceMs === undefined) throw error
      if (downSinceMs === undefined) tell('the server went away; waiting for it, ^C cancels')
      downSinceMs ??= Date.now()
      if (Date.now() - downSinceMs > SERVER_BACK_MS) throw error
      await setTimeout(LOOK_MS)
    }
  }
}

async function askOnce(
  client: Pick<AdminClient, 'postLines'>,
  request: RunRequest,
  onWaiting: (waiting: RunWaiting['waiting']) => void,
): Promise<RunGrant> {
  let grant: RunGrant | undefined
  await client.postLines('/v1/runs', request, line => {
    const waiting = RunWaiting.safeParse(line)
    if (waiting.success) onWaiting(waiting.data.waiting)
    else grant = grantOf(line)
  })
  // A server that stops ends its answer in good order, without having found a place.
  if (grant === undefined)
    throw new GodwitError('GW_SERVER_DOWN', 'the server stopped before it found a place')
  return grant
}

/** The last line of one who waited names what it is; who did not wait gets the bare grant. */
function grantOf(line: unknown): RunGrant {
  const { error, grant = line } = line as { readonly error?: unknown; readonly grant?: unknown }
  if (error !== undefined) throw remoteError(error)
  return RunGrant.parse(grant)
}
