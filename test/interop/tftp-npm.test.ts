import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Rig } from '../server/tftp/tftp-rig.ts'
import { LOOPBACK, memoryFiles, startRig } from '../server/tftp/tftp-rig.ts'

/** What we use of npm `tftp`, a client that asks for blksize, windowsize, tsize and rollover at once. */
type Client = {
  get(remote: string, local: string, callback: (error: Error | null | undefined) => void): void
}
const { createClient }: { createClient(options: Readonly<Record<string, unknown>>): Client } = createRequire(
  import.meta.url,
)('tftp')

const FILES = Object.fromEntries(
  [1, 511, 512, 513, 1468, 1468 * 40, 1_000_000].map(size => [`f${size}`, randomBytes(size)]),
)

let folder = ''
let rig: Rig
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-tftp-npm-'))
  rig = await startRig(memoryFiles(FILES))
})
afterAll(async () => {
  await rig.close()
  await rm(folder, { recursive: true })
})

/** Fetches `name` into a file; rejects with the client's error. */
async function fetchFile(name: string, options: Readonly<Record<string, unknown>>): Promise<Buffer> {
  const local = join(folder, name)
  const client = createClient({ host: LOOPBACK, port: rig.port, ...options })
  await new Promise<void>((resolve, reject) =>
    client.get(name, local, error => (error ? reject(error) : resolve())),
  )
  return readFile(local)
}

describe('npm tftp', () => {
  it.each(Object.keys(FILES))('C119 gets %s unchanged with windows of 4', async name => {
    const got = await fetchFile(name, { blockSize: 1468, windowSize: 4 })
    expect(got.equals(FILES[name] ?? Buffer.alloc(0))).toBe(true)
  })

  it.each([1, 6, 16])('C125 gets a file unchanged with windows of %i', async windowSize => {
    const got = await fetchFile('f1000000', { blockSize: 1428, windowSize })
    expect(got.equals(FILES.f1000000 ?? Buffer.alloc(0))).toBe(true)
  })

  it('C144 is told that a file is missing', async () => {
    await expect(fetchFile('nix', {})).rejects.toThrow(/not found/i)
  })
})
