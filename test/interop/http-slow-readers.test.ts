import { mkdtemp, readdir, readlink, rm, truncate, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type BootHttpFake, startBootHttpFake } from '../fakes/boot-http.ts'
import { rawHttp } from '../server/http/raw-http.ts'

/** More than the kernel takes off our hands for one connection, so that each client waits for us. */
const FILE_BYTES = 64 << 20
const CLIENTS = 200
let folder: string
let server: BootHttpFake | undefined
let sockets: Socket[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-slow-'))
  sockets = []
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await server?.close()
  server = undefined
  await rm(folder, { recursive: true })
})

async function serve(changes: Parameters<typeof startBootHttpFake>[1] = {}): Promise<BootHttpFake> {
  const path = join(folder, 'root.squashfs')
  await writeFile(path, '')
  await truncate(path, FILE_BYTES)
  const contentType = 'application/octet-stream'
  const file = { path, sizeBytes: FILE_BYTES, etag: '"s"', contentType }
  return startBootHttpFake(new Map([['root.squashfs', file]]), changes)
}

/** Asks for the file from `start` on and reads nothing. */
function askAndWait(port: number, start: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.pause()
      socket.write(`GET /images/d/root.squashfs HTTP/1.1\r\nHost: h\r\nRange: bytes=${start}-\r\n\r\n`)
      sockets.push(socket)
      resolve(socket)
    })
    socket.on('error', reject)
  })
}

it('hundreds of clients that take nothing, each at its own place, hold little memory', async () => {
  server = await serve()
  const { port } = server
  await fetch(`http://127.0.0.1:${port}/images/d/root.squashfs`).then(answer => answer.arrayBuffer())
  const beforeBytes = process.memoryUsage.rss()
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => askAndWait(port, index * 100_000)))
  await new Promise(resolve => setTimeout(resolve, 1500))
  const perClientKiB = (process.memoryUsage.rss() - beforeBytes) / CLIENTS / 1024
  expect(perClientKiB, 'server and client ends of one connection').toBeLessThan(512)
  const quick = await fetch(`http://127.0.0.1:${port}/images/d/root.squashfs`)
  expect((await quick.arrayBuffer()).byteLength).toBe(FILE_BYTES)
}, 120_000)

it('a client that takes nothing for too long is ended, one that takes little is not', async () => {
  server = await serve({ stallMs: 700 })
  await askAndWait(server.port, 0)
  const slow = await askAndWait(server.port, 0)
  let isSlowEnded = false
  slow.once('close', () => {
    isSlowEnded = true
  })
  let takenBytes = 0
  slow.on('data', part => {
    takenBytes += part.length
    if (takenBytes < 1 << 20) return
    takenBytes = 0
    slow.pause()
    setTimeout(() => slow.resume(), 60)
  })
  slow.resume()
  await new Promise(resolve => setTimeout(resolve, 2000))
  expect(server.counted).toContain('ended: client took nothing')
  expect(server.counted.filter(reason => reason.startsWith('ended'))).toHaveLength(1)
  expect(isSlowEnded).toBe(false)
}, 60_000)

/** Descriptors of this process that are open on the file. */
async function openOnFile(): Promise<number> {
  const names = await readdir('/proc/self/fd')
  const targets = await Promise.all(names.map(name => readlink(`/proc/self/fd/${name}`).catch(() => '')))
  return targets.filter(target => target.startsWith(folder)).length
}

it('a client that asks a hundred times in a row holds one file, and none when it leaves', async () => {
  server = await serve()
  const socket = await askAndWait(server.port, 0)
  socket.write('GET /images/d/root.squashfs HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(100))
  await expect.poll(openOnFile).toBeGreaterThan(0)
  await new Promise(resolve => setTimeout(resolve, 200))
  expect(await openOnFile()).toBe(1)
  socket.destroy()
  await expect.poll(openOnFile, { timeout: 20_000 }).toBe(0)
})

it('requests sent in a row are answered in a row', async () => {
  server = await serve()
  const asked = [7, 1, 4].map(start => {
    const range = `Range: bytes=${start}-${start + 1}`
    return `GET /images/d/root.squashfs HTTP/1.1\r\nHost: h\r\n${range}\r\n\r\n`
  })
  const last = 'GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'
  const { text } = await rawHttp(server.port, [[...asked, last].join('')])
  expect([...text.matchAll(/content-range: bytes (\d)/gi)].map(([, start]) => start)).toEqual(['7', '1', '4'])
  expect(text.endsWith('ok\n')).toBe(true)
})

it('a client that comes while others take all they can gets its first octets soon', async () => {
  server = await serve()
  const url = `http://127.0.0.1:${server.port}/images/d/root.squashfs`
  const busy = Promise.all(Array.from({ length: 8 }, () => fetch(url).then(answer => answer.arrayBuffer())))
  const startedMs = performance.now()
  const answer = await fetch(`http://127.0.0.1:${server.port}/images/d/root.squashfs`, {
    headers: { Range: 'bytes=0-99' },
  })
  expect((await answer.arrayBuffer()).byteLength).toBe(100)
  expect(performance.now() - startedMs).toBeLessThan(2000)
  for (const bytes of await busy) expect(bytes.byteLength).toBe(FILE_BYTES)
}, 120_000)
