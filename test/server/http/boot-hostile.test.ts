import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BootHttpFake, startBootHttpFake } from '../../fakes/boot-http.ts'
import { rawHttp } from './raw-http.ts'

const BODY = '0123456789'
const HEAD_MS = 400
let folder: string
let server: BootHttpFake

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-hostile-'))
  const path = join(folder, 'small.efi')
  await writeFile(path, BODY)
  const file = { path, sizeBytes: BODY.length, etag: '"s"', contentType: 'application/efi' }
  server = await startBootHttpFake(new Map([['small.efi', file]]), {
    limits: { maxConnections: 100, maxConnectionsPerClient: 20, headMs: HEAD_MS },
  })
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** One request as it is, on a connection that the client asks to end. */
const ask = (target: string, ...headers: readonly string[]) =>
  rawHttp(server.port, [
    `${[`GET ${target} HTTP/1.1`, 'Host: h', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`,
  ])
const isWell = async () =>
  expect((await fetch(`http://127.0.0.1:${server.port}/loaders/small.efi`)).status).toBe(200)

it.each([
  ['F35 GET /../../etc/passwd finds nothing', '/../../etc/passwd', 404],
  ['F35 a traversal behind a route finds nothing', '/images/d/../../../../etc/passwd', 404],
  ['F35 %2e%2e%2f in a name finds nothing', '/images/d/%2e%2e%2f%2e%2e%2fetc%2fpasswd', 404],
  ['F35 %2e%2e%2f as a loader finds nothing', '/loaders/%2e%2e%2fsmall.efi', 404],
  ['F35 a NUL in a name finds nothing', '/loaders/small.efi%00.txt', 404],
  ['F35 a broken percent escape is a bad request', '/loaders/%zz', 400],
  ['F35 absolute-form is served as its path', 'http://10.0.0.1/loaders/small.efi', 200],
  ['F35 absolute-form with a traversal finds nothing', 'http://h/../etc/passwd', 404],
])('%s', async (_name, target, status) => {
  const answer = await ask(target)
  expect(answer.status).toBe(status)
  expect(answer.text).not.toContain('root:')
})

it('F35 a 64 KiB header is answered 431 and the connection ends', async () => {
  const answer = await ask('/loaders/small.efi', `X: ${'a'.repeat(64 << 10)}`)
  expect(answer.status).toBe(431)
  expect(server.counted).toContain('refused: head too large')
  await isWell()
})

it('F35 a slow-loris is cut off when its time is over, and others are served meanwhile', async () => {
  const head = [...`GET /loaders/small.efi HTTP/1.1\r\nHost: h\r\n${'X: y\r\n'.repeat(40)}`]
  const loris = rawHttp(server.port, head, 20)
  await isWell()
  const answer = await loris
  expect(answer.status).toBe(408)
  expect(answer.endedMs).toBeGreaterThanOrEqual(HEAD_MS)
  expect(answer.endedMs).toBeLessThan(5000)
  expect(server.counted).toContain('refused: head came too slowly')
})

it('F35 a connection that says nothing is cut off too', async () => {
  expect((await rawHttp(server.port, [])).endedMs).toBeLessThan(5000)
})

it('F35 a huge list of ranges gets the file once, whole', async () => {
  const ranges = Array.from({ length: 1500 }, (_, index) => `${index}-${index}`).join(',')
  const answer = await ask('/loaders/small.efi', `Range: bytes=${ranges}`)
  expect(answer.status).toBe(200)
  expect(answer.text.endsWith(`\r\n\r\n${BODY}`)).toBe(true)
})

it('F35 Range: bytes=-0 is 416 with the length', async () => {
  const answer = await ask('/loaders/small.efi', 'Range: bytes=-0')
  expect([answer.status, /^content-range: (.*)\r$/im.exec(answer.text)?.[1]]).toEqual([416, 'bytes */10'])
})

it.each([
  ['F35 a body is refused unread', 'GET', 413],
  ['F35 a POST is refused unread', 'POST', 405],
])('%s', async (_name, method, status) => {
  const answer = await rawHttp(server.port, [
    `${method} /loaders/small.efi HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n`,
  ])
  expect(answer.status).toBe(status)
})

it('F35 what is no HTTP at all ends its connection, counted', async () => {
  expect((await rawHttp(server.port, ['\x16\x03\x01\x02\x00\x01\x00\x01'])).status).toBe(400)
  expect(server.counted).toContain('refused: not HTTP')
  await isWell()
})

it('F35 one address gets so many connections and no more', async () => {
  const sockets = await Promise.all(
    Array.from(
      { length: 25 },
      () =>
        new Promise<'open' | 'refused'>(resolve => {
          const socket = connect(server.port, '127.0.0.1')
          socket.once('close', () => resolve('refused')).on('error', () => undefined)
          setTimeout(() => resolve('open'), HEAD_MS / 2)
        }),
    ),
  )
  expect(sockets.filter(state => state === 'open').length).toBeLessThanOrEqual(20)
  expect(server.counted).toContain('refused: too many connections of one client')
  await expect
    .poll(
      () =>
        isWell()
          .then(() => true)
          .catch(() => false),
      { timeout: 5000 },
    )
    .toBe(true)
})

describe('the control API and the state of the server are not on the LAN', () => {
  it.each([
    ['F39 its status is not on the boot port', 'GET', '/v1/status'],
    ['F39 its nodes are not on the boot port', 'GET', '/v1/nodes'],
    ['F39 its processes are not on the boot port', 'GET', '/v1/processes'],
    ['F39 a node cannot be approved from the boot port', 'POST', '/v1/nodes/n-000000000000/approve'],
    ['F39 a boot cannot be minted from the boot port', 'POST', '/v1/boots'],
    ['F39 a program cannot be started from the boot port', 'POST', '/v1/processes'],
    ['F39 the lease store is not a file of the boot port', 'GET', '/images/x/godwit.db'],
    ['F39 a private key is not a file of the boot port', 'GET', '/loaders/ca.key'],
    ['F39 a client names no path of the disk', 'GET', '/loaders/%2fetc%2fshadow'],
    ['F39 no configuration can be written', 'PUT', '/v1/config'],
  ])('%s', async (_name, method, path) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method })
    expect(response.status).toBe(method === 'GET' ? 404 : 405)
  })
})
