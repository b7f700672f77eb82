import { expect, test } from 'vitest'
import { whyEnded } from '../../../cli/run/why-ended.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
import { endedRecord } from '../process/record.ts'

const id = 'p-0000000001'

/** The server's answer, and what it was asked. */
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
  expect(await whyEnded(client, id)).toBe(reason)
  expect(asked).toEqual([`/v1/processes/${id}`])
})

test('a server that is not there tells nothing', async () => {
  expect(await whyEnded(server(undefined).client, id)).toBeNull()
})
