import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatBytes } from '../../config/values/bytes.ts'
import { type ErrorCode, GodwitError } from '../../protocol/errors.ts'
import { OUTPUT_WAIT_MAX_MS, Output, type OutputAsked } from '../../protocol/output.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import type { AdminClient } from '../admin-client.ts'
import { statusOf } from './wait-for.ts'

/** Between two tries to reach a server or a node that has gone. */
const AWAY_MS = 1000
/** What may pass while one follows. */
const AWAY: ReadonlySet<ErrorCode> = new Set(['GW_SERVER_DOWN', 'GW_NODE_OFFLINE'])

/** What to read of a process, by its id, and whether to go on until its end. `tell` takes lines for the person. */
export type ReadOptions = {
  readonly id: string
  readonly from: OutputAsked['from']
  readonly follow: boolean
  readonly tell: (line: string) => void
}

/**
 * The kept output of a process, part by part. Who follows waits for a server or a node that goes away, until the
 * process is known to be over. Rejects with what the server said, GW_NO_OUTPUT among it.
 */
export async function* keptOutput(
  client: Pick<AdminClient, 'get'>,
  { follow, id, tell, ...options }: ReadOptions,
): AsyncGenerator<Output> {
  let { from } = options
  let isAway = false
  const read = (waitMs: number) =>
    client.get(`/v1/processes/${id}/output?from=${from}&waitMs=${waitMs}`, Output)
  // At once, so that what is wrong is told at once, and so that `end` becomes a place.
  let output = await read(0)
  for (;;) {
    yield output
    from = output.next
    if (output.ended || (!follow && output.pieces.length === 0)) return
    for (;;) {
      try {
        output = await read(follow ? OUTPUT_WAIT_MAX_MS : 0)
        isAway = false
        break
      } catch (error) {
        if (!follow || !(error instanceof GodwitError)) throw error
        if (await isOver(client, id)) return
        if (!AWAY.has(error.code)) throw error
        if (!isAway) tell(`${error.message}; waiting for it, ^C ends this`)
        isAway = true
        await sleep(AWAY_MS)
      }
    }
  }
}

async function isOver(client: Pick<AdminClient, 'get'>, id: string): Promise<boolean> {
  const record = await client.get(`/v1/processes/${id}`, ProcessRecord).catch(() => undefined)
  return record !== undefined && statusOf(record) !== undefined
}

/** Writes a part to our own two outputs, as slowly as they take it, and says what is missing before it. */
export async function writeOutput(output: Output, tell: (line: string) => void): Promise<void> {
  if (output.droppedBytes > 0) tell(`${formatBytes(output.droppedBytes)} before this are not kept any more`)
  for (const { data, stream } of output.pieces) {
    const to = stream === 'stdout' ? process.stdout : process.stderr
    if (!to.write(Buffer.from(data, 'base64'))) await once(to, 'drain')
  }
}
