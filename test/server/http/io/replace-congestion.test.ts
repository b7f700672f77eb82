import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { LogFields } from '../../../../protocol/log.ts'
import { congestionOf, replaceCongestion } from '../../../../server/http/io/replace-congestion.ts'
import { descriptorOf } from '../../../../server/io/native/descriptor.ts'
import { type Libc, loadLibc } from '../../../../server/io/native/libc.ts'
import { silentLog } from '../../../fakes/silent-log.ts'

const [IPPROTO_TCP, TCP_CONGESTION] = [6, 13]
const EPERM = 1
const libc = loadLibc()
const available = readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8')
  .trim()
  .split(' ')
const isRoot = process.getuid?.() === 0
let server: Server
let sockets: Socket[]
let told: (readonly [string, LogFields])[]
const log = {
  ...silentLog,
  info: (fields: LogFields) => told.push(['info', fields]),
  warn: (fields: LogFields) => told.push(['warn', fields]),
}

beforeEach(async () => {
  told = []
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  sockets = []
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

/** What the kernel says of a connection that the server accepted. */
async function congestionOfNext(calls: Libc): Promise<string | undefined> {
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = connect((server.address() as { port: number }).port, '127.0.0.1')
  const [socket] = await accepted
  sockets.push(client, socket)
  return congestionOf(descriptorOf(socket) ?? -1, calls)
}

/** As if the host had this one. */
function hostHas(calls: Libc, name: string): void {
  expect(calls.setsockopt(descriptorOf(server) ?? -1, IPPROTO_TCP, TCP_CONGESTION, Buffer.from(name))).toBe(0)
}

it.skipIf(!libc || !isRoot || !available.includes('bbr') || !available.includes('cubic'))(
  'connections to a host that has bbr go by cubic',
  async () => {
    if (!libc) return
    hostHas(libc, 'bbr')
    expect(await congestionOfNext(libc)).toBe('bbr')
    replaceCongestion(server, libc, log)
    expect(await congestionOfNext(libc)).toBe('cubic')
    expect(told).toEqual([['info', { hosts: 'bbr', used: 'cubic' }]])
  },
)

it.skipIf(!libc)('any other stays, and nothing is said', async () => {
  if (!libc) return
  hostHas(libc, 'reno')
  replaceCongestion(server, libc, log)
  expect(await congestionOfNext(libc)).toBe('reno')
  expect(told).toEqual([])
})

it.skipIf(!libc)('when the kernel refuses, connections keep what they had, and the log has why', async () => {
  if (!libc) return
  hostHas(libc, 'reno')
  const unprivileged: Libc = {
    ...libc,
    getsockopt: (_descriptor, _level, _option, into) => Buffer.from('bbr\0').copy(into),
    setsockopt: () => -EPERM,
  }
  replaceCongestion(server, unprivileged, log)
  expect(await congestionOfNext(libc)).toBe('reno')
  expect(told).toEqual([['warn', { hosts: 'bbr', wanted: 'cubic', errno: 'EPERM' }]])
})

it.skipIf(!libc)('a server that does not listen is left alone', () => {
  if (!libc) return
  replaceCongestion(createServer(), libc, log)
  expect(told).toEqual([])
})
