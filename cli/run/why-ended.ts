import { ProcessRecord } from '../../protocol/process.ts'
import type { AdminClient } from '../admin-client.ts'

/** How long a server may take to tell; the program's end must not wait for it. */
const ANSWER_MS = 2000

/**
 * Why a process that was given a time was ended, for a person: its time being over, which only the server knows. `null`
 * where it ended by itself, and where the server does not answer.
 */
export async function whyEnded(client: Pick<AdminClient, 'get'>, process: string): Promise<string | null> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  const record = await client.get(`/v1/processes/${process}`, ProcessRecord, signal).catch(() => undefined)
  return record?.reason ?? null
}
