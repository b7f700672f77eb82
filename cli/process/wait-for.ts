import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { GodwitError } from '../../protocol/errors.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import type { AdminClient } from '../admin-client.ts'
import { waitStatus } from './wait-status.ts'

/** Between two looks at the server, milliseconds. */
const LOOK_MS = 300

/**
 * The process once it is over, or as it stands when `limit` says stop. The id is looked up once: `last` may change. A
 * server that goes away meanwhile may come back. Rejects with GW_PROCESS_UNKNOWN.
 */
export async function waitFor(
  client: Pick<AdminClient, 'get'>,
  wanted: string,
  limit: AbortSignal | undefined,
): Promise<ProcessRecord> {
  const look = (id: string) => client.get(`/v1/processes/${encodeURIComponent(id)}`, ProcessRecord)
  let record = await look(wanted)
  while (statusOf(record) === undefined && limit?.aborted !== true) {
    await sleep(LOOK_MS, undefined, { signal: limit }).catch(() => undefined)
    const known = record
    record = await look(known.id).catch((error: unknown) => {
      if (error instanceof GodwitError && error.code === 'GW_SERVER_DOWN') return known
      throw error
    })
  }
  return record
}

/** The exit status that stands for how it is over, by this system's numbers; `undefined` while it is not. */
export function statusOf(record: ProcessRecord): number | undefined {
  return waitStatus(record, name => constants.signals[name as NodeJS.Signals] ?? 0)
}
