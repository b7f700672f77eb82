import { expect, test } from 'vitest'
import { whyEnded } from '../../../cli/run/why-ended.ts'
import { ProcessId } from '../../../config/values/node-id.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
import type { EndedFacts } from '../../../streams/progress.ts'
import { endedRecord } from '../process/record.ts'

const id = ProcessId.parse('p-0000000001')
const facts = (oomKilled: boolean): EndedFacts => ({
  ending: { exitStatus: null, signal: 'SIGKILL', oomKilled },
  usage: { cpuSeconds: 1, peakMemoryBytes: 90 << 20, peakThreads: 2 },
  endedAtMs: 0,
})

/** The server's answer, and how often it was asked. */
function server(record: ProcessRecord | undefined) {
  const asked: string[] = []
  const get = (path: string) => {
    asked.push(path)
    return record === undefined ? Promise.reject(new Error('no server')) : Promise.resolve(record)
  }
  return { asked, client: { get } as unknown as Parameters<typeof whyEnded>[0] }
}

test('the time of a process was over: the server knows, also before it has heard of the end', async () => {
  const reason = 'its --timeout of 5 s was over'
  const { asked, client } = server(endedRecord({ state: 'running', ending: null, reason }))
  expect(await whyEnded(client, { process: id, facts: facts(false) }, true)).toBe(reason)
  expect(asked).toEqual([`/v1/processes/${id}`])
})

test('out of memory: with what to reserve the next time', async () => {
  const { client } = server(endedRecord({ state: 'running', ending: null }))
  expect(await whyEnded(client, { process: id, facts: facts(true) }, false)).toBe(
    'out of memory: used 90 MiB of 100 MiB allowed; next time: --mem 150M',
  )
})

test('nothing is asked of a process that had no time and enough memory', async () => {
  const { asked, client } = server(endedRecord())
  expect(await whyEnded(client, { process: id, facts: facts(false) }, false)).toBeNull()
  expect(asked).toEqual([])
})

test('a server that is not there tells nothing', async () => {
  expect(await whyEnded(server(undefined).client, { process: id, facts: facts(true) }, true)).toBeNull()
})
