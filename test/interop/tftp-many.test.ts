import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFromDirectory } from '../../server/tftp/io/directory.ts'
import type { Rig } from '../server/tftp/tftp-rig.ts'
import { LOOPBACK, startRig } from '../server/tftp/tftp-rig.ts'

const CLIENTS = 64
const FILE = randomBytes(50_000_000)
/** What 64 transfers may add: a file each, the packets kept (64 MiB), and what garbage collection leaves for later. */
const MOST_BYTES = 300 << 20

const { failed: noCurl } = await execa('which', ['curl'], { reject: false })
if (noCurl) console.warn('skipped: no curl on this machine (see scripts/setup)')

let root = ''
let rig: Rig
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'godwit-tftp-many-'))
  await writeFile(join(root, 'image'), FILE)
  await chmod(join(root, 'image'), 0o644)
  rig = await startRig(openFromDirectory(root), { maxTransfersPerClient: CLIENTS })
})
afterAll(async () => {
  await rig.close()
  await rm(root, { recursive: true })
})

/** SHA-256 of what curl gets. */
async function fetchDigest(): Promise<string> {
  const url = `tftp://${LOOPBACK}:${rig.port}/image`
  const curl = execa('curl', ['-sS', '--tftp-blksize', '1468', url], { buffer: false, encoding: 'buffer' })
  const hash = createHash('sha256')
  for await (const part of curl.stdout) hash.update(part)
  await curl
  return hash.digest('hex')
}

/** Files and sockets of the server; a pipe or two for each client are this test's own. */
async function openFiles(): Promise<number> {
  return (await readdir('/proc/self/fd')).length
}

describe('many at once', { skip: noCurl }, () => {
  it('C147 64 clients get the same 50 MB, each unchanged, within bounds', async () => {
    const before = { files: await openFiles(), bytes: process.memoryUsage().rss }
    const most = { files: 0, bytes: 0 }
    const watch = setInterval(async () => {
      most.files = Math.max(most.files, await openFiles())
      most.bytes = Math.max(most.bytes, process.memoryUsage().rss)
    }, 200)
    const digests = await Promise.all(Array.from({ length: CLIENTS }, fetchDigest))
    clearInterval(watch)
    expect(new Set(digests)).toEqual(new Set([createHash('sha256').update(FILE).digest('hex')]))
    expect(rig.transfers.filter(({ outcome }) => outcome === 'complete').length).toBe(CLIENTS)
    expect(most.files - before.files).toBeLessThan(CLIENTS * 5)
    expect(most.bytes - before.bytes).toBeLessThan(MOST_BYTES)
  }, 300_000)
})
