import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Link, startLink } from '../../../agent/link/service.ts'
import { createLineLog } from '../../../agent/log.ts'
import { parseParameters } from '../../../agent/parameters.ts'
import { NodeId, ProcessId } from '../../../config/values/node-id.ts'
import { AgentMessage, type ServerMessage } from '../../../protocol/link.ts'
import { type Authority, createAuthority } from '../authority.ts'

const NODE = NodeId.parse('n-525400000001')

/** One connection as the server sees it: messages in order, and who the TLS layer says is there. */
type Seen = { readonly socket: WebSocket; readonly peer: string | undefined; next(): Promise<AgentMessage> }

let authority: Authority
let dir: string
let http: Server
let https: ReturnType<typeof createHttps>
let links: Link[]
let lines: string[]
let waiting: ((seen: Seen) => void)[]
let arrived: Seen[]
let asked: string[]

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'godwit-test-link-'))
  authority = createAuthority()
  links = []
  lines = []
  waiting = []
  arrived = []
  asked = []
  http = createHttp((request, response) => {
    asked.push(request.url ?? '')
    response.end(authority.caPem)
  }).listen(0, '127.0.0.1')
  const { keyPem, certificatePem } = authority.issue('n-server', '127.0.0.1')
  const tls = { key: keyPem, cert: certificatePem, ca: authority.caPem }
  https = createHttps({ ...tls, requestCert: true, rejectUnauthorized: false }).listen(0, '127.0.0.1')
  new WebSocketServer({ server: https, path: '/v1/link' }).on('connection', (socket, request) => {
    const peer = request.socket as TLSSocket
    const name = peer.authorized ? String(peer.getPeerCertificate().subject.CN) : undefined
    const seen = watch(socket, name)
    const waiter = waiting.shift()
    if (waiter) waiter(seen)
    else arrived.push(seen)
  })
  await Promise.all([once(http, 'listening'), once(https, 'listening')])
})

afterEach(async () => {
  await Promise.all(links.map(link => link.close()))
  https.closeAllConnections()
  await Promise.all([new Promise(done => http.close(done)), new Promise(done => https.close(done))])
  authority.close()
  rmSync(dir, { recursive: true, force: true })
})

function watch(socket: WebSocket, peer: string | undefined): Seen {
  const messages: AgentMessage[] = []
  let wake: (() => void) | undefined
  socket.on('message', data => {
    messages.push(AgentMessage.parse(JSON.parse(data.toString())))
    wake?.()
  })
  return {
    socket,
    peer,
    async next() {
      while (messages.length === 0)
        await new Promise<void>(resolve => {
          wake = resolve
        })
      return messages.shift() as AgentMessage
    },
  }
}

function connection(): Promise<Seen> {
  const seen = arrived.shift()
  return seen ? Promise.resolve(seen) : new Promise(resolve => waiting.push(resolve))
}

function start(changes: { ca?: string; kills?: string[] } = {}): Link {
  const ca = createHash('sha256').update(new X509Certificate(authority.caPem).raw).digest('hex')
  const port = (server: { address(): unknown }) => (server.address() as AddressInfo).port
  const read = parseParameters(
    `godwit.server=127.0.0.1 godwit.http=${port(http)} godwit.api=${port(https)} godwit.ca=${changes.ca ?? ca} ` +
      'godwit.token=secret godwit.boot=b-1 godwit.mac=52:54:00:00:00:01 godwit.ip=127.0.0.1/8',
  )
  if (read.kind === 'bad') throw new Error(read.problems.join())
  let seq = 0
  const link = startLink({
    parameters: read.parameters,
    runDir: dir,
    log: createLineLog(line => lines.push(line), Date.now),
    self: { kernelBootId: 'k', agentVersion: '0' },
    chance: () => 0,
    report: () => {
      seq += 1
      const load = { atMs: 0, cpuBusy: 0, runnable: 0, memoryAvailableBytes: 1, memoryTotalBytes: 1 }
      return {
        type: 'report',
        seq,
        load: { ...load, psiCpu: null, psiMemory: null, uptimeSeconds: 1 },
        processes: [],
      }
    },
    onJoined: () => undefined,
    onPeople: () => undefined,
    onRunAnswer: () => undefined,
    onOutputAsked: async () => undefined,
    onKill: (id, signal) => {
      changes.kills?.push(`${id} ${signal}`)
      return changes.kills ? undefined : 'no such process'
    },
  })
  links.push(link)
  return link
}

function send(seen: Seen, message: ServerMessage): void {
  seen.socket.send(JSON.stringify(message))
}

/** What a server answers to a greeting: it certifies the key that came with it. */
function welcome(certificatePem?: string): ServerMessage {
  const known = {
    type: 'welcome',
    nodeId: NODE,
    name: 'knot',
    state: 'ready',
    ticketKey: 'k'.repeat(43),
  } as const
  return { ...known, reportSeconds: 60, ...(certificatePem === undefined ? {} : { certificatePem }) }
}

test('an agent joins by its token, comes back by its certificate, and so does a restarted one', async () => {
  start()
  const first = await connection()
  const hello = await first.next()
  expect(hello).toMatchObject({ type: 'hello', token: 'secret', bootRecord: 'b-1', ip: '127.0.0.1' })
  expect(first.peer).toBeUndefined()
  const publicKeyPem = hello.type === 'hello' ? hello.publicKeyPem : undefined
  const certificatePem = authority.certify(NODE, '127.0.0.1', publicKeyPem ?? '')
  send(first, welcome(certificatePem))
  expect(await first.next()).toMatchObject({ type: 'report', seq: 1 })
  first.socket.terminate()

  const second = await connection()
  const again = await second.next()
  expect([second.peer, again]).toMatchObject([NODE, { type: 'hello' }])
  expect(again).not.toHaveProperty('token')
  // Its key comes again, or the node would have no certificate after a month.
  expect(again).toHaveProperty('publicKeyPem', publicKeyPem)
  const renewed = authority.certify(NODE, '127.0.0.1', publicKeyPem ?? '')
  send(second, welcome(renewed))
  await second.next()
  await vi.waitFor(() => expect(readFileSync(join(dir, 'node.pem'), 'utf8')).toBe(renewed))
  await links.shift()?.close()

  start()
  expect((await connection()).peer).toBe(NODE)
})

test('the end of a process reaches a server that was away, until it is acknowledged', async () => {
  const link = start()
  const id = ProcessId.parse('p-0000000001')
  const usage = { cpuSeconds: 1, memoryBytes: null, peakMemoryBytes: null, threads: 0, peakThreads: 9 }
  const ending = { exitStatus: 7, signal: null, oomKilled: false }
  link.tell({
    kind: 'fact',
    fact: { type: 'process-ended', id, startedAtMs: 1, endedAtMs: 2, ending, usage },
  })
  for (const acknowledge of [false, true]) {
    const seen = await connection()
    await seen.next()
    send(seen, welcome())
    expect(await seen.next()).toMatchObject({ type: 'process-ended', id, ending })
    expect((await seen.next()).type).toBe('report')
    if (acknowledge) send(seen, { type: 'ack', id, of: 'process-ended' })
    send(seen, { type: 'kill', requestId: 5, id, signal: 'SIGTERM' })
    expect(await seen.next()).toEqual({ type: 'answer', requestId: 5, error: 'no such process' })
    seen.socket.terminate()
  }
  const seen = await connection()
  await seen.next()
  send(seen, welcome())
  expect((await seen.next()).type).toBe('report')
})

test('another CA than this boot was told is refused loudly; its server hears that and nothing else', async () => {
  start({ ca: '0'.repeat(64) })
  while (asked.length < 2) await new Promise(resolve => setTimeout(resolve, 5))
  expect(lines[0]).toContain('GW_PEER_UNTRUSTED')
  expect(asked[1]).toMatch(/^\/v1\/stage\?.*stage=failed&detail=the\+CA\+certificate/)
  expect(arrived).toEqual([])
})

test('garbage from the server is logged and dropped; the link goes on', async () => {
  const kills: string[] = []
  start({ kills })
  const seen = await connection()
  await seen.next()
  send(seen, welcome())
  await seen.next()
  seen.socket.send('{"type":"self-destruct"}')
  seen.socket.send('not json')
  send(seen, { type: 'kill', requestId: 1, id: ProcessId.parse('p-0000000001'), signal: 'SIGKILL' })
  expect(await seen.next()).toEqual({ type: 'answer', requestId: 1 })
  expect(kills).toEqual(['p-0000000001 SIGKILL'])
  expect(lines.filter(line => line.includes('GW_BAD_MESSAGE'))).toHaveLength(2)
})

test('a refusal closes the connection and is tried again later', async () => {
  start()
  for (let turn = 0; turn < 2; turn += 1) {
    const seen = await connection()
    await seen.next()
    const closed = once(seen.socket, 'close')
    send(seen, { type: 'refused', code: 'GW_TOKEN_USED', message: 'the token was used' })
    await closed
  }
  expect(lines.some(line => line.includes('GW_TOKEN_USED') && line.includes('the token was used'))).toBe(true)
})
