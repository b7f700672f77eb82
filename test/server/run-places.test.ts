import { expect, test } from 'vitest'
import { ProcessId } from '../../config/values/node-id.ts'
import { RunGrant, RunRequest } from '../../protocol/admin.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { RunAnswered } from '../../protocol/link.ts'
import { RunDesk, type RunVerdict } from '../../server/cluster/run-desk.ts'
import type { Processes } from '../../server/processes/service.ts'
import { createRunPlaces } from '../../server/run-places.ts'
import { placeAnswer } from '../../streams/place-answer.ts'
import { silentLog } from '../fakes/silent-log.ts'

const request = RunRequest.parse({
  command: ['true'],
  specSha256: '0'.repeat(64),
  home: 'node-1',
  uid: 1000,
  env: {},
})
const grant = RunGrant.parse({
  process: 'p-0000000001',
  node: { id: 'n-525400770001', name: 'node-1', address: '10.77.0.50', port: 7444 },
  ticket: 'ticket',
  caPem: 'the CA',
  server: { hostBootId: 'boot', netNamespace: 'net' },
  reason: 'the only node that fits',
})
const decision = {
  process: ProcessId.parse('p-0000000001'),
  command: [],
  atMs: 0,
  seed: 0,
  chosen: null,
  candidates: [],
  filtered: [],
}

function openPlaces(run: () => ReturnType<Processes['run']>) {
  const refusals: string[] = []
  const places = createRunPlaces({
    processes: { run, refused: async (id, code, message) => void refusals.push(`${id} ${code} ${message}`) },
    caPem: grant.caPem,
    server: grant.server,
    log: silentLog,
  })
  return { places, refusals }
}

const granted = async () =>
  ({ kind: 'granted', grant, decision }) as unknown as Awaited<ReturnType<Processes['run']>>
const settled = () => new Promise(resolve => setImmediate(resolve))

test('a place is granted with the CA and the whereabouts of the server', async () => {
  const { places } = openPlaces(granted)
  const verdict = await new Promise<RunVerdict>(resolve => void places.place(request, resolve))
  expect(verdict).toEqual({ type: 'run-grant', grant })
  expect(placeAnswer(verdict)).toEqual({ kind: 'grant', grant })
})

test('a place that nobody wants any more is given back', async () => {
  const { places, refusals } = openPlaces(granted)
  places.place(request, () => expect.unreachable())()
  await settled()
  expect(refusals).toEqual(['p-0000000001 GW_NODE_REFUSED who asked for it has gone'])
})

test('no place, and a store that fails, are answers with a code', async () => {
  const fail = () => Promise.reject(new GodwitError('GW_STORE', 'disk full'))
  const verdict = await new Promise<RunVerdict>(
    resolve => void openPlaces(fail).places.place(request, resolve),
  )
  expect(verdict).toMatchObject({
    type: 'no-place',
    code: 'GW_STORE',
    message: expect.stringContaining('disk full'),
  })
  const details = Array.from({ length: 300 }, (_, index) => `node-${index}: full`)
  const none = async () =>
    ({ kind: 'refused', code: 'GW_NO_PLACE', message: 'none', details, decision }) as never
  const told = await new Promise<RunVerdict>(resolve => void openPlaces(none).places.place(request, resolve))
  expect(told).toMatchObject({ type: 'no-place', code: 'GW_NO_PLACE' })
  expect(told.type === 'no-place' && told.details.length).toBe(50)
})

test('a desk keeps the questions of its connections, and gives them up with these', () => {
  const desk = new RunDesk()
  const givenUp: string[] = []
  const answers: ((verdict: RunVerdict) => void)[] = []
  desk.serve({
    place(_, answer) {
      answers.push(answer)
      const name = `question ${answers.length}`
      return () => void givenUp.push(name)
    },
    refused: async () => undefined,
  })
  const sent: RunAnswered[] = []
  const connection = { send: (message: RunAnswered) => void sent.push(message), close: () => undefined }
  const node = connection as unknown as Parameters<RunDesk['ask']>[0]
  for (const requestId of [1, 2, 3]) desk.ask(node, { type: 'run-request', requestId, request })
  answers[0]?.({ type: 'run-home', reason: 'small' })
  desk.cancel(node, 2)
  desk.drop(node)
  expect(sent).toEqual([{ type: 'run-home', requestId: 1, reason: 'small' }])
  expect(givenUp).toEqual(['question 2', 'question 3'])
})
