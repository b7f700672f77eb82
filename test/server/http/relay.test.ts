import { once } from 'node:events'
import { createServer as createHttpServer, type Server } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { RELAY_UPGRADE } from '../../../protocol/admin.ts'
import { addRelay } from '../../../server/http/relay.ts'
import { silent } from '../cluster/scene.ts'

const ip = Ipv4.parse('127.0.0.1')
const PATH = '/v1/nodes/n-525400770001/stream'
const HEAD = `GET ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${RELAY_UPGRADE}\r\n\r\n`

const opened: { close(): unknown }[] = []
afterEach(() => {
  for (const each of opened.splice(0)) each.close()
})

/** A real HTTP server with the relay to `agentPort`. */
async function relayTo(agentPort: number | undefined) {
  const server = createHttpServer()
  const relay = addRelay(
    server,
    () => (agentPort === undefined ? undefined : { ip, port: agentPort }),
    silent,
  )
  opened.push(relay, server)
  server.listen(0, ip)
  await once(server, 'listening')
  return { server, relay, port: (server.address() as AddressInfo).port }
}

/** An agent that says `hello` to whoever connects. */
async function startAgent(): Promise<number> {
  const agent = createServer((socket: Socket) => socket.on('error', () => {}).write('hello'))
  opened.push(agent)
  agent.listen(0, ip)
  await once(agent, 'listening')
  return (agent.address() as AddressInfo).port
}

async function openStream(port: number): Promise<Socket> {
  const deputy = connect(port, ip)
  opened.push({ close: () => deputy.destroy() })
  deputy.write(HEAD)
  let text = ''
  while (!text.endsWith('hello')) text += String((await once(deputy, 'data'))[0])
  expect(text).toMatch(/^HTTP\/1\.1 101 /)
  return deputy
}

/** Hands the relay an upgraded socket that fails as one does whose other end is gone. */
function hangUp(server: Server, path: string): PassThrough {
  const socket = new PassThrough()
  server.emit('upgrade', { url: path, headers: { upgrade: RELAY_UPGRADE } }, socket, Buffer.alloc(0))
  return socket
}

test('a client that hangs up before the 404 reaches it hurts nobody', async () => {
  const { server } = await relayTo(undefined)
  const socket = hangUp(server, PATH)
  expect(() => socket.emit('error', new Error('write EPIPE'))).not.toThrow()
})

test('an unknown node is a 404', async () => {
  const { port } = await relayTo(undefined)
  const deputy = connect(port, ip)
  deputy.write(HEAD)
  expect(String((await once(deputy, 'data'))[0])).toMatch(/^HTTP\/1\.1 404 /)
  deputy.destroy()
})

test('closing cuts the streams that are open, so that the server can close', async () => {
  const { server, relay, port } = await relayTo(await startAgent())
  const deputy = await openStream(port)
  const cut = once(deputy, 'close')
  relay.close()
  await Promise.all([cut, new Promise(resolve => server.close(resolve))])
  expect(deputy.destroyed).toBe(true)
})
