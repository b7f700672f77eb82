import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerConfig } from '../../../config/server.ts'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { openBoot } from '../../../server/boot/service.ts'
import { buildGrubLoader } from '../../../server/io/grub-loader.ts'
import { readLoaders } from '../../../server/io/loader-files.ts'

let folder: string
const said: string[] = []
const log = { debug: say, info: say, warn: say, error: say }
function say(_fields: unknown, text: string): void {
  said.push(text)
}
const open = async () => {
  const config = ServerConfig.parse({})
  const { loaders } = await readLoaders(config.boot.loaderDir)
  return openBoot({ config, address: '10.77.0.1' as Ipv4, loaders, loaderCache: join(folder, 'grub'), log })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-boot-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('openBoot', () => {
  it('C117 autoexec.ipxe in any folder is the first script, by TFTP as by HTTP', async () => {
    const boot = await open()
    const text = (path: readonly string[]) => new TextDecoder().decode(boot.file(path))
    expect(text(['autoexec.ipxe'])).toBe(boot.scripts.ipxe)
    expect(text(['loaders', 'x64', 'autoexec.ipxe'])).toBe(boot.scripts.ipxe)
    expect(text(['grub', 'grub.cfg'])).toBe(boot.scripts.grub)
    expect(boot.file(['no', 'undionly.kpxe'])).toBeUndefined()
    expect(boot.file(['undionly.kpxe'])?.length).toBeGreaterThan(50_000)
  })

  it('tells once of a machine that has no loader, not each time it asks', async () => {
    const { bootFor } = await open()
    const client = { stage: 'rom', firmware: 'uefi', features: [], arch: 27 } as const
    const ask = (mac: string) => bootFor({ ...client, mac: mac as Mac })
    said.length = 0
    for (let times = 0; times < 5; times += 1) expect(ask('52:54:00:77:00:01')).toBeUndefined()
    ask('52:54:00:77:00:02')
    expect(said).toEqual(
      Array.from({ length: 2 }, () => 'no loader for RISC-V 64-bit UEFI (architecture 27)'),
    )
  })
})

describe('buildGrubLoader', () => {
  it('makes a 32-bit EFI program, keeps it, and makes another when the script changes', async () => {
    const cache = join(folder, 'cache')
    const first = await buildGrubLoader(cache, 'echo one\n')
    if (first.kind === 'none') throw new Error(first.reason)
    const { bytes } = first.loader
    expect(String.fromCharCode(...bytes.subarray(0, 2))).toBe('MZ')
    const header = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0x3c, true)
    // The COFF machine type: 0x14c is a 32-bit x86.
    expect(new DataView(bytes.buffer, bytes.byteOffset).getUint16(header + 4, true)).toBe(0x14c)
    expect(await buildGrubLoader(cache, 'echo one\n')).toEqual(first)
    const second = await buildGrubLoader(cache, 'echo two\n')
    expect(second).not.toEqual(first)
    expect(await readdir(cache)).toHaveLength(1)
  })
})
