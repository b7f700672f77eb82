import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BootHttpFake, startBootHttpFake } from '../fakes/boot-http.ts'

/** Some chunks and a rest. */
const BYTES = 3_000_001
const body = Buffer.from(Uint8Array.from({ length: BYTES }, (_, index) => (index * 31) % 251))
let folder: string
let server: BootHttpFake

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-http-clients-'))
  const path = join(folder, 'snponly.efi')
  await writeFile(path, body)
  const file = { path, sizeBytes: BYTES, etag: '"e1"', contentType: 'application/efi' }
  server = await startBootHttpFake(new Map([['snponly.efi', file]]))
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const url = () => `http://127.0.0.1:${server.port}/loaders/snponly.efi`
const run = (program: string, ...args: readonly string[]) =>
  execa(program, args, { cwd: folder, reject: false, env: { http_proxy: '' } })
const hashOf = async (name: string) =>
  createHash('sha256')
    .update(await readFile(join(folder, name)))
    .digest('hex')
const HASH = createHash('sha256').update(body).digest('hex')

/** Status line and headers, names in lower case, as curl saw them. */
async function curlHead(...args: readonly string[]) {
  const { stdout } = await run('curl', '-sS', '-D', '-', '-o', 'body', ...args, url())
  const [status = '', ...lines] = stdout.trim().split(/\r?\n/)
  const headers = new Map(
    lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  return { status: Number(status.split(' ')[1]), headers }
}

describe.each([
  ['HTTP/1.1', '--http1.1'],
  ['HTTP/1.0', '--http1.0'],
])('curl with %s', (_version, flag) => {
  it('C113 HEAD and GET have the same length and type, and no chunks', async () => {
    const get = await curlHead(flag)
    const head = await curlHead(flag, '--head')
    for (const { status, headers } of [get, head]) {
      expect(status).toBe(200)
      expect(headers.get('content-length')).toBe(String(BYTES))
      expect(headers.get('content-type')).toBe('application/efi')
      expect(headers.has('transfer-encoding')).toBe(false)
      expect(headers.has('content-encoding')).toBe(false)
    }
  })

  it('C114 a range is 206 with its place, octet by octet', async () => {
    const { status, headers } = await curlHead(flag, '-r', '250000-550000')
    expect([status, headers.get('content-range')]).toEqual([206, `bytes 250000-550000/${BYTES}`])
    expect(body.subarray(250_000, 550_001).equals(await readFile(join(folder, 'body')))).toBe(true)
  })

  it('C114 the last octets are 206 with their place', async () => {
    const { status, headers } = await curlHead(flag, '-r', '-10')
    expect([status, headers.get('content-range')]).toEqual([206, `bytes ${BYTES - 10}-${BYTES - 1}/${BYTES}`])
    expect(body.subarray(-10).equals(await readFile(join(folder, 'body')))).toBe(true)
  })

  it('C114 a range behind the end is 416 with the length', async () => {
    const { status, headers } = await curlHead(flag, '-r', `${BYTES}-`)
    expect([status, headers.get('content-range')]).toEqual([416, `bytes */${BYTES}`])
  })
})

it('C113 a client whose Host has no port, as some EDK2, gets the same', async () => {
  const { status, headers } = await curlHead('-H', 'Host: 127.0.0.1', '-A', 'UefiHttpBoot/1.0')
  expect([status, headers.get('content-length')]).toEqual([200, String(BYTES)])
})

it('many files come over one connection', async () => {
  const { stderr } = await run('curl', '-sSv', '-o', 'one', url(), '-o', 'two', url(), '-o', 'three', url())
  expect(stderr.match(/Re-using existing connection/g)).toHaveLength(2)
  expect([await hashOf('one'), await hashOf('three')]).toEqual([HASH, HASH])
})

describe.each([
  ['wget', (args: readonly string[]) => run('wget', '-q', ...args)],
  ['busybox wget', (args: readonly string[]) => run('busybox', 'wget', '-q', ...args)],
] as const)('%s', (name, wget) => {
  const output = name.replace(' ', '-')

  it('fetches the file as it is', async () => {
    const { exitCode, stderr } = await wget(['-O', output, url()])
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(await hashOf(output)).toBe(HASH)
  })

  it('C114 goes on with what it has', async () => {
    await writeFile(join(folder, 'snponly.efi.part'), body.subarray(0, 1_234_567))
    await wget(['-c', '-O', 'snponly.efi.part', url()])
    expect(await hashOf('snponly.efi.part')).toBe(HASH)
    await expect.poll(() => server.counted).toContain('part of a file sent')
  })
})
