import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import { adminClient } from '../../../cli/admin-client.ts'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { RELAY_UPGRADE } from '../../../protocol/admin.ts'
import { HistoryView } from '../../../protocol/history.ts'
import { type AdminOptions, startAdmin } from '../../../server/http/admin-service.ts'
import { silent } from '../cluster/scene.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-admin-'))
})
afterEach(() => rm(folder, { recursive: true }))

const unasked = () => {
  throw new Error('this test does not ask for it')
}

/** The admin API on a socket of its own; it answers only what a test hands in. */
async function start(answers: Partial<AdminOptions>) {
  const socketPath = join(folder, 'admin.sock')
  const admin = await startAdmin({
    socketPath,
    log: silent,
    status: unasked,
    nodes: unasked,
    node: unasked,
    timeline: unasked,
    approve: unasked,
    drain: unasked,
    mintBoot: unasked,
    run: unasked,
    refused: unasked,
    processes: unasked,
    process: unasked,
    why: unasked,
    histories: unasked,
    forgetHistory: unasked,
    kill: unasked,
    output: unasked,
    relayTarget: unasked,
    ...answers,
  })
  return { admin, socketPath }
}

/** Sends one request as octets and resolves with what came back until `end` is in it. */
async function ask(socket: Socket, request: string, end: string): Promise<string> {
  socket.write(request)
  let text = ''
  while (!text.includes(end)) text += String((await once(socket, 'data'))[0])
  return text
}

test('a long refusal is kept, cut, and not answered with 400', async () => {
  const told: string[] = []
  const { admin, socketPath } = await start({
    refused: async (_id, _code, message) => void told.push(message),
  })
  const body = JSON.stringify({ code: 'GW_EXEC_FAILED', message: 'x'.repeat(2000) })
  const head = `POST /v1/processes/p-0123456789/refused HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  const answer = await ask(connect(socketPath), head + body, '\r\n\r\n')
  expect(answer).toMatch(/^HTTP\/1\.1 204 /)
  expect(told).toEqual(['x'.repeat(500)])
  await admin.close()
})

test('closing does not wait for a run that is relayed', async () => {
  const agent = createServer(socket => socket.on('error', () => {}).write('hello'))
  agent.listen(0, '127.0.0.1')
  await once(agent, 'listening')
  const target = { ip: Ipv4.parse('127.0.0.1'), port: (agent.address() as AddressInfo).port }
  const { admin, socketPath } = await start({ relayTarget: () => target })
  const deputy = connect(socketPath)
  const head = `GET /v1/nodes/n-525400770001/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${RELAY_UPGRADE}\r\n\r\n`
  expect(await ask(deputy, head, 'hello')).toMatch(/^HTTP\/1\.1 101 /)
  const cut = once(deputy, 'close')
  await Promise.all([admin.close(), cut])
  agent.close()
})

test('a request with a field that the server does not know is refused by its name', async () => {
  const { admin, socketPath } = await start({})
  const client = adminClient(socketPath)
  const run = { command: ['true'], specSha256: '0'.repeat(64), home: 'server', uid: 0, env: {}, gpus: 2 }
  const refused = { code: 'GW_BAD_MESSAGE', cause: [expect.stringContaining('gpus')] }
  await expect(client.post('/v1/runs', run, z.unknown())).rejects.toMatchObject(refused)
  const forgotten = client.post('/v1/history/forget', { key: '/', gpus: 2 }, z.unknown())
  await expect(forgotten).rejects.toMatchObject(refused)
  await admin.close()
})

test('what was learned is told, and forgotten by key', async () => {
  const forgotten: string[] = []
  const { admin, socketPath } = await start({
    histories: () => [],
    forgetHistory: async key => {
      forgotten.push(key)
      return key === 'java app.jar @0'
    },
  })
  const client = adminClient(socketPath)
  expect(await client.get('/v1/history', z.array(HistoryView))).toEqual([])
  const known = { key: 'java app.jar @0' }
  expect(await client.post('/v1/history/forget', known, z.unknown())).toEqual({ forgotten: known.key })
  await expect(client.post('/v1/history/forget', { key: '/' }, z.unknown())).rejects.toMatchObject({
    code: 'GW_HISTORY_UNKNOWN',
  })
  await expect(client.post('/v1/history/forget', {}, z.unknown())).rejects.toMatchObject({
    code: 'GW_BAD_MESSAGE',
  })
  expect(forgotten).toEqual([known.key, '/'])
  await admin.close()
})
