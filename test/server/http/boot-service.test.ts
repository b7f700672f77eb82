import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GodwitError } from '../../../protocol/errors.ts'
import type { SendableFile } from '../../../server/http/send-file.ts'
import { type Libc, loadLibc } from '../../../server/io/native/libc.ts'
import { type BootHttpFake, startBootHttpFake } from '../../fakes/boot-http.ts'

const body = new Uint8Array(3_000_000).map((_, index) => index % 251)
const sent: [number, boolean][] = []
let nowMs = 42
let folder: string
let base: string
let server: BootHttpFake

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-http-'))
  const path = join(folder, 'vmlinuz')
  await writeFile(path, body)
  const kernel = { path, sizeBytes: body.length, etag: '"e1"', contentType: 'application/octet-stream' }
  const gone = { path: join(folder, 'gone'), sizeBytes: 5, etag: '"g"', contentType: 'application/efi' }
  server = await startBootHttpFake(
    new Map<string, SendableFile>([
      ['gone.efi', gone],
      [
        'loaded.efi',
        { ...gone, loaded: { bytes: new TextEncoder().encode('MZ 12'), modifiedMs: 86_400_000 } },
      ],
      ['shorter.efi', { ...kernel, sizeBytes: body.length + 1 }],
    ]),
    {
      machineScript: async (query, remote) => {
        if (query.arch === 'broken') throw new Error('the store is full')
        return `#!ipxe\n# ${query.mac} ${remote}\n`
      },
      imageFile: async (digest, name) => (digest === 'd1' && name === 'vmlinuz' ? kernel : undefined),
      metrics: async () => 'godwit_nodes{state="ready"} 1\n',
      onSent: (sentBytes, isWhole) => sent.push([sentBytes, isWhole]),
      now: () => nowMs,
    },
  )
  base = `http://127.0.0.1:${server.port}`
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

describe('files', () => {
  const url = () => `${base}/images/d1/vmlinuz?mac=52-54-00-77-00-01`

  it('are sent whole with length and ETag, and end the stage of the machine in the URL', async () => {
    const response = await fetch(url())
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe(String(body.length))
    expect(response.headers.get('etag')).toBe('"e1"')
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
    await expect
      .poll(() => server.events.at(-1))
      .toEqual({ mac: '52:54:00:77:00:01', stage: 'kernel', atMs: 42 })
  })

  it('resume by Range: two halves make the file', async () => {
    const first = await fetch(url(), { headers: { Range: 'bytes=0-999999' } })
    const rest = await fetch(url(), { headers: { Range: 'bytes=1000000-', 'If-Range': '"e1"' } })
    expect([first.status, rest.status]).toEqual([206, 206])
    expect(rest.headers.get('content-range')).toBe(`bytes 1000000-2999999/${body.length}`)
    const whole = Buffer.concat([
      Buffer.from(await first.arrayBuffer()),
      Buffer.from(await rest.arrayBuffer()),
    ])
    expect(whole.equals(body)).toBe(true)
    await expect
      .poll(() => sent)
      .toEqual([
        [3_000_000, true],
        [1_000_000, false],
        [2_000_000, false],
      ])
  })

  it('answer HEAD with the same length, 416 beyond the end, 304 for a known ETag, 404 for anything else', async () => {
    const head = await fetch(url(), { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(String(body.length))
    const beyond = await fetch(url(), { headers: { Range: 'bytes=3000000-' } })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */3000000'])
    expect((await fetch(url(), { headers: { 'If-None-Match': '"e1"' } })).status).toBe(304)
    expect((await fetch(`${base}/images/d1/..%2f..%2fetc%2fpasswd`)).status).toBe(404)
    expect((await fetch(`${base}/images/d2/vmlinuz`)).status).toBe(404)
  })

  it('survive a client that leaves in the middle', async () => {
    await new Promise<void>(resolve => {
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write('GET /images/d1/vmlinuz HTTP/1.0\r\n\r\n'),
      )
      socket.once('data', () => socket.destroy())
      socket.once('close', () => resolve())
    })
    expect((await fetch(`${base}/healthz`)).status).toBe(200)
  })

  it.each([
    ['vanished', 'gone.efi'],
    ['is shorter than the manifest says', 'shorter.efi'],
  ])('that %s is our own fault, is counted, and harms nothing else', async (_what, name) => {
    const response = await fetch(`${base}/loaders/${name}`)
    expect([response.status, await response.text()]).toEqual([500, ''])
    expect(server.counted).toContain('failed: file not readable')
    expect((await fetch(`${base}/healthz`)).status).toBe(200)
  })
})

it('files that are in memory are sent as they were, whatever became of them on the disk', async () => {
  const whole = await fetch(`${base}/loaders/loaded.efi`)
  expect([whole.headers.get('last-modified'), await whole.text()]).toEqual([
    'Fri, 02 Jan 1970 00:00:00 GMT',
    'MZ 12',
  ])
  const part = await fetch(`${base}/loaders/loaded.efi`, { headers: { Range: 'bytes=1-3' } })
  expect([part.status, await part.text()]).toEqual([206, 'Z 1'])
})

describe('scripts and stages', () => {
  it('serve the first script and the one for a machine', async () => {
    expect(await (await fetch(`${base}/boot.ipxe`)).text()).toContain('first')
    const script = await (
      await fetch(`${base}/v1/boot.ipxe?mac=52-54-00-77-00-01&fw=bios&arch=x86_64`)
    ).text()
    expect(script).toContain('52:54:00:77:00:01 127.0.0.1')
  })

  it('for one address are limited, each costs a token on the disk', async () => {
    const ask = async () =>
      (await fetch(`${base}/v1/boot.ipxe?mac=52-54-00-77-00-01&fw=bios&arch=x86_64`)).status
    const statuses = await Promise.all(Array.from({ length: 20 }, ask))
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
    expect(statuses.filter(status => status === 200).length).toBeLessThanOrEqual(5)
    expect(server.counted).toContain('refused: too many scripts')
    nowMs += 1000
    expect(await ask()).toBe(200)
  })

  it('take stage reports and refuse nonsense with the reason', async () => {
    const good = await fetch(`${base}/v1/stage?mac=52:54:00:77:00:01&stage=failed&detail=needs%20more`)
    expect(good.status).toBe(204)
    expect(server.events.at(-1)).toMatchObject({ stage: 'failed', detail: 'needs more' })
    await fetch(`${base}/v1/stage?mac=52:54:00:77:00:01&stage=failed&detail=%1b%5b2Jgone%0a%c2%9b`)
    expect(server.events.at(-1)).toMatchObject({ stage: 'failed', detail: ' [2Jgone  ' })
    const bad = await fetch(`${base}/v1/stage?mac=nonsense&stage=flying`)
    expect(bad.status).toBe(400)
    expect(server.counted).toContain('refused: bad request')
  })
})

it('shows the figures for Prometheus', async () => {
  const response = await fetch(`${base}/metrics`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await response.text()).toBe('godwit_nodes{state="ready"} 1\n')
})

describe('a fault of our own', () => {
  it('is 500, not the client’s, and is counted apart', async () => {
    const response = await fetch(`${base}/v1/boot.ipxe?mac=52-54-00-77-00-01&fw=bios&arch=broken`)
    expect(response.status).toBe(500)
    expect(server.counted).toContain('failed: our own fault')
  })
})

describe('starting', () => {
  const libc = loadLibc()
  it.skipIf(!libc)('asks once for another congestion control where the host has bbr', async () => {
    if (!libc) return
    const asked: string[] = []
    const onBbr: Libc = {
      ...libc,
      getsockopt: (_descriptor, _level, _option, into) => Buffer.from('bbr\0').copy(into),
      setsockopt: (_descriptor, _level, _option, value) => asked.push(Buffer.from(value).toString()) - 1,
    }
    const bbrHosts = await startBootHttpFake(new Map(), { libc: onBbr })
    await fetch(`http://127.0.0.1:${bbrHosts.port}/healthz`)
    await bbrHosts.close()
    expect(asked).toEqual(['cubic'])
  })

  it('names the port that is taken and how to find by whom', async () => {
    const holder = createServer()
    const taken = await new Promise<number>(resolve => {
      holder.listen(0, '127.0.0.1', () => resolve((holder.address() as { port: number }).port))
    })
    const start = startBootHttpFake(new Map(), { port: taken })
    const error = await start.then(
      () => undefined,
      (reason: GodwitError) => reason,
    )
    expect(error?.code).toBe('GW_PORT_IN_USE')
    expect(error?.message).toContain(`sport = :${taken}`)
    await new Promise(resolve => holder.close(resolve))
  })
})
