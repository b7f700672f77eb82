import { truncateSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { shareFiles } from '../../../../server/http/io/shared-files.ts'
import { type Libc, loadLibc } from '../../../../server/io/native/libc.ts'
import { type BootHttpFake, startBootHttpFake } from '../../../fakes/boot-http.ts'
import { rawHttp } from '../raw-http.ts'

const { EAGAIN, EINVAL, EINTR } = constants.errno
const BYTES = 3_000_001
const body = Buffer.from(Uint8Array.from({ length: BYTES }, (_, index) => (index * 31) % 251))
const real = loadLibc()

let folder: string
let path: string
let server: BootHttpFake | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-kernel-path-'))
  path = join(folder, 'root')
  await writeFile(path, body)
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await rm(folder, { recursive: true })
})

/** Serves the file with the real calls, some replaced; what `sendfile` was asked and gave. */
async function serve(changes: Partial<Libc>) {
  const calls: { readonly position: number; readonly result: number }[] = []
  const libc = { ...(real as Libc), ...changes }
  const sendfile: Libc['sendfile'] = (socket, file, position, maxBytes) => {
    const result = libc.sendfile(socket, file, position, maxBytes)
    calls.push({ position, result })
    return result
  }
  const file = { path, sizeBytes: BYTES, etag: '"k"', contentType: 'application/octet-stream' }
  const files = shareFiles(8 << 20, { ...libc, sendfile })
  server = await startBootHttpFake(new Map([['root', file]]), { files })
  return { calls, url: `http://127.0.0.1:${server.port}/images/d/root`, counted: server.counted }
}

async function fetchBody(url: string, range?: string): Promise<Buffer> {
  const answer = await fetch(url, range === undefined ? {} : { headers: { Range: range } })
  return Buffer.from(await answer.arrayBuffer())
}

/** Gives `result` every other time. */
function everyOther(call: Libc['sendfile'], result: number): Libc['sendfile'] {
  let count = 0
  return (...asked) => (count++ % 2 === 0 ? result : call(...asked))
}

describe('a file in memory', { skip: real === undefined }, () => {
  const { sendfile } = real as Libc

  it('goes out by the kernel, but for its first piece, whole and in parts', async () => {
    const { calls, url, counted } = await serve({})
    expect((await fetchBody(url)).equals(body)).toBe(true)
    const byKernel = calls.reduce((sum, { result }) => sum + Math.max(0, result), 0)
    expect(byKernel).toBeGreaterThan(BYTES / 2)
    const part = await fetchBody(url, 'bytes=100001-2000000')
    expect(part.equals(body.subarray(100_001, 2_000_001))).toBe(true)
    await expect.poll(() => counted).toEqual(['file sent', 'part of a file sent'])
  })

  it.each([
    ['is full every other time', { sendfile: everyOther(sendfile, -EAGAIN) }],
    ['is full always', { sendfile: () => -EAGAIN }],
    ['is interrupted', { sendfile: everyOther(sendfile, -EINTR) }],
    ['takes little', { sendfile: (out: number, file: number, at: number) => sendfile(out, file, at, 777) }],
  ])('arrives unchanged when the connection %s', async (_, changes) => {
    const { url, calls } = await serve(changes)
    expect((await fetchBody(url)).equals(body)).toBe(true)
    expect(calls.length).toBeGreaterThan(2)
  })

  it('goes by Node alone, and is not asked again, where the file system cannot', async () => {
    const { url, calls } = await serve({ sendfile: () => -EINVAL })
    expect((await fetchBody(url)).equals(body)).toBe(true)
    expect(calls.length).toBe(1)
  })

  it.each([
    ['is on the disk only', -EAGAIN],
    ['is on a file system that cannot tell', -constants.errno.EOPNOTSUPP],
  ])('never goes by the kernel when it %s: that would hold everybody up', async (_, result) => {
    const { url, calls } = await serve({ readCached: () => result })
    expect((await fetchBody(url)).equals(body)).toBe(true)
    expect(calls).toEqual([])
  })

  it('comes behind the answers before it on the same connection', async () => {
    const { calls } = await serve({})
    const ask = (range: string) => `GET /images/d/root HTTP/1.1\r\nHost: h\r\nRange: bytes=${range}\r\n\r\n`
    const last = 'GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'
    const ranges = ['0-699999', '5-6', '700000-1399999']
    const { text } = await rawHttp(server?.port ?? 0, [ranges.map(ask).join('') + last])
    const bodies = ranges.map(range => {
      const [start = 0, end = 0] = range.split('-').map(Number)
      return body.toString('latin1', start, end + 1)
    })
    const parts = text.split(/HTTP\/1\.1 20[06][\s\S]*?\r\n\r\n/).slice(1)
    expect(parts.map((part, index) => part === (bodies[index] ?? 'ok\n'))).toEqual([true, true, true, true])
    expect(calls.length).toBeGreaterThan(0)
  })

  it('that becomes shorter meanwhile is cut off, never filled up', async () => {
    const shrink: Libc['sendfile'] = (out, file, at, maxBytes) => {
      const sent = sendfile(out, file, at, Math.min(maxBytes, 100_000))
      truncateSync(path, 1_000_000)
      return sent
    }
    const { url, counted } = await serve({ sendfile: shrink })
    await expect(fetchBody(url)).rejects.toThrow()
    await expect.poll(() => counted).toContain('failed: file not readable')
  })
})
