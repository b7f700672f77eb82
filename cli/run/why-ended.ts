import { outOfMemoryText } from '../../protocol/out-of-memory.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import type { EndedFacts } from '../../streams/progress.ts'
import type { AdminClient } from '../admin-client.ts'

/** A process that is over, and what its keeper says of that; `undefined` where that could not be read. */
export type EndedRun = { readonly process: string; readonly facts: EndedFacts | undefined }

/** How long a server may take to tell; the program's end must not wait for it. */
const ANSWER_MS = 2000

/**
 * Why a process was ended, for a person: out of memory, or its time being over, which only the server knows. `null`
 * where it ended by itself, and where the server does not answer.
 */
export async function whyEnded(
  client: Pick<AdminClient, 'get'>,
  { process, facts }: EndedRun,
  hasTimeout: boolean,
): Promise<string | null> {
  const isOutOfMemory = facts?.ending.oomKilled === true
  if (!isOutOfMemory && !hasTimeout) return null
  const signal = AbortSignal.timeout(ANSWER_MS)
  const path = `/v1/processes/${process}`
  const record = await client.get(path, ProcessRecord, signal).catch(() => undefined)
  if (record === undefined) return null
  if (!isOutOfMemory) return record.reason
  return outOfMemoryText({
    peakBytes: facts.usage.peakMemoryBytes,
    limitBytes: record.memoryMaxBytes ?? null,
    reservedBytes: record.reservedBytes,
  })
}
