import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { adminClient } from '../../../cli/admin-client.ts'
import { askPlace } from '../../../cli/run/ask-place.ts'
import type { RunGrant, RunRequest } from '../../../protocol/admin.ts'
import { GodwitError } from '../../../protocol/errors.ts'
import { type AdminOptions, startAdmin } from '../../../server/http/admin-service.ts'
import type { PlaceRun } from '../../../server/http/run-answer.ts'
import { silentLog } from '../../fakes/silent-log.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-ask-'))
})
afterEach(() => rm(folder, { recursive: true }))

const request: RunRequest = {
  command: ['java'],
  specSha256: 'a'.repeat(64),
  home: 'office',
  uid: 0,
  env: {},
}
const grant = {
  process: 'p-0000000001',
  node: { id: 'n-525400770001', name: 'alder', address: '10.77.0.50', port: 7444 },
  ticket: 'ticket',
  caPem: 'ca',
  server: { hostBootId: 'boot', netNamespace: 'net' },
  reason: 'alder: the only node that fits',
} as RunGrant
const waiting = {
  message: 'waiting for 12 GiB on any node (position 1)',
  position: 1,
  memoryBytes: 1,
  sinceMs: 77,
}

const socketPath = () => join(folder, 'admin.sock')
/** A server that only places runs. */
const serve = (run: PlaceRun) => startAdmin({ socketPath: socketPath(), log: silentLog, run } as AdminOptions)

function ask() {
  const told: string[] = []
  return { told, answer: askPlace(adminClient(socketPath()), request, line => void told.push(line)) }
}

test('who is placed at once is told nothing; a refusal comes with its reasons', async () => {
  const placed = await serve(async () => grant)
  const one = ask()
  expect(await one.answer).toEqual(grant)
  expect(one.told).toEqual([])
  await placed.close()
  const refusing = await serve(() =>
    Promise.reject(new GodwitError('GW_NO_PLACE', 'none of 2 nodes', { cause: ['alder: memory'] })),
  )
  await expect(ask().answer).rejects.toMatchObject({ code: 'GW_NO_PLACE', cause: ['alder: memory'] })
  await refusing.close()
})

test('who waits is told where it stands until there is a place, or none any more', async () => {
  const placing = await serve(async (_, { onWaiting }) => {
    onWaiting({ ...waiting, position: 2, message: 'position 2' })
    onWaiting(waiting)
    return grant
  })
  const one = ask()
  expect(await one.answer).toEqual(grant)
  expect(one.told).toEqual(['position 2', waiting.message])
  await placing.close()
  const refusing = await serve((_, { onWaiting }) => {
    onWaiting(waiting)
    return Promise.reject(new GodwitError('GW_NO_PLACE', 'its node was lost'))
  })
  await expect(ask().answer).rejects.toMatchObject({ code: 'GW_NO_PLACE', message: 'its node was lost' })
  await refusing.close()
})

test('a server that is restarted meanwhile is asked again, for the same place in the line', async () => {
  const first = await serve(
    (_, { onWaiting, signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        onWaiting(waiting)
      }),
  )
  const one = ask()
  await expect.poll(() => one.told).toEqual([waiting.message])
  await first.close()
  const asked: RunRequest[] = []
  const second = await serve(async again => {
    asked.push(again)
    return grant
  })
  expect(await one.answer).toEqual(grant)
  expect(one.told[1]).toContain('the server went away')
  expect(asked).toEqual([{ ...request, waitingSinceMs: 77 }])
  await second.close()
})

test('who does not wait is told that no server answers', async () => {
  await expect(ask().answer).rejects.toMatchObject({ code: 'GW_SERVER_DOWN' })
})

test('who goes leaves the line', async () => {
  let left: unknown
  const server = await serve(
    (_, { onWaiting, signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          left = signal.reason
          reject(signal.reason)
        })
        onWaiting(waiting)
      }),
  )
  const enough = new GodwitError('GW_INTERNAL', 'enough')
  const cut = adminClient(socketPath()).postLines('/v1/runs', request, () => {
    throw enough // closes the connection at the first line, as ^C does
  })
  await expect(cut).rejects.toBe(enough)
  await expect.poll(() => left).toMatchObject({ message: 'who asked has gone' })
  await server.close()
})
