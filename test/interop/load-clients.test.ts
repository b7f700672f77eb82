import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileLoad } from '../bench/net/compile.ts'
import { LOOPBACK, memoryFiles, type Rig, startRig } from '../server/tftp/tftp-rig.ts'

/** The load clients of the benchmarks, themselves examined: what they cannot see would be published as good. */
const { failed: noCompiler } = await execa('which', ['cc'], { reject: false })
if (noCompiler) console.warn('skipped: no C compiler on this machine (see scripts/setup bench)')

const SIZE = 300_000
const content = randomBytes(SIZE)
const damaged = Buffer.from(content)
damaged[SIZE - 5] = 1 ^ (content[SIZE - 5] ?? 0)

let folder = ''
let reference = ''
const source = (path: string) => new URL(`../bench/${path}`, import.meta.url).pathname
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-load-'))
  reference = join(folder, 'reference')
  await writeFile(reference, content)
})
afterAll(() => rm(folder, { recursive: true }))

type Report = Readonly<Record<string, number | string | null | undefined>>

async function run(program: string, options: Readonly<Record<string, string | number>>): Promise<Report> {
  const argv = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const { stdout, exitCode } = await execa(program, argv, { reject: false })
  return { exitCode, ...(JSON.parse(stdout) as Report) }
}

describe('tftpload', { skip: noCompiler }, () => {
  let rig: Rig
  let program = ''
  beforeAll(async () => {
    program = await compileLoad(source('tftp/tftpload.c'))
    const files = { good: content, damaged, short: content.subarray(0, 1428 * 20), empty: new Uint8Array() }
    rig = await startRig(memoryFiles(files), { maxTransfersPerClient: 64 })
  })
  afterAll(() => rig.close())
  const load = (options: Readonly<Record<string, string | number>>) =>
    run(program, {
      host: LOOPBACK,
      port: rig.port,
      file: 'good',
      reference,
      transfers: 6,
      parallel: 3,
      ...options,
    })

  it.each([1, 4, 16])('reads with windowsize %d and says what it cost', async window => {
    expect(await load({ window })).toMatchObject({
      ...{ exitCode: 0, transfers: 6, failures: 0, windowSize: window, blockSizeBytes: 1428, gaps: 0 },
    })
  })

  it('waits the round trip before each of its datagrams', async () => {
    const { p50Ms } = await load({ window: 16, 'rtt-us': 2000, transfers: 3 })
    // 211 blocks: the request, the OACK's answer, and an ACK for each of 13 windows before the last.
    expect(p50Ms).toBeGreaterThan(15 * 2)
    expect(p50Ms).toBeLessThan(15 * 2 + 200)
  })

  it('gets the file all the same when DATA is lost, and says how often it asked again', async () => {
    const lossy = { window: 4, 'loss-ppm': 20_000, transfers: 3, parallel: 1 }
    const first = await load(lossy)
    expect(first).toMatchObject({ exitCode: 0, transfers: 3 })
    expect(first['droppedBlocks']).toBeGreaterThan(3)
    expect(first['gaps']).toBeGreaterThan(0)
  })

  it.each([
    ['damaged', 'wrong bytes'],
    ['short', 'too short'],
    ['empty', 'too short'],
    ['nix', 'file not found'],
  ])('does not take the file "%s"', async (file, firstFailure) => {
    expect(await load({ file, transfers: 1 })).toMatchObject({ exitCode: 1, transfers: 0, firstFailure })
  })
})

describe('httpload', { skip: noCompiler }, () => {
  let server: Server
  let program = ''
  beforeAll(async () => {
    program = await compileLoad(source('http/httpload.c'))
    server = createServer((request, response) => {
      if (request.url === '/nix') return response.writeHead(404).end()
      if (request.url === '/cut') {
        response.writeHead(200, { 'Content-Length': SIZE }).write(content.subarray(0, SIZE - 1))
        return setTimeout(() => response.destroy(), 50)
      }
      return response.writeHead(200, { 'Content-Length': SIZE }).end(content)
    }).listen(0, LOOPBACK)
    await once(server, 'listening')
  })
  afterAll(() => server.close())
  const load = (options: Readonly<Record<string, string | number>>) => {
    const { port } = server.address() as AddressInfo
    return run(program, { host: LOOPBACK, port, path: '/good', bytes: SIZE, parallel: 3, ...options })
  }

  it('downloads the file over each connection, in each round', async () => {
    expect(await load({ repeat: 2 })).toMatchObject({ exitCode: 0, downloads: 6, failures: 0 })
  })

  it.each([
    [{ path: '/nix' }, 'status is not 200'],
    [{ bytes: SIZE - 1 }, 'wrong Content-Length'],
    [{ path: '/cut' }, 'connection closed before the body was whole'],
  ])('does not take %j', async (options, firstFailure) => {
    expect(await load(options)).toMatchObject({ exitCode: 1, downloads: 0, failures: 3, firstFailure })
  })
})
