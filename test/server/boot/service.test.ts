import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerConfig } from '../../../config/server.ts'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { LoaderName } from '../../../config/values/loader-name.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { openBoot } from '../../../server/boot/service.ts'
import { buildGrubLoader } from '../../../server/io/grub-loader.ts'
import { readLoaders } from '../../../server/io/loader-files.ts'

let folder: string
const said: string[] = []
const learnt = new Map<Mac, LoaderName>()
const memory = {
  recall: (mac: Mac) => learnt.get(mac),
  remember: (mac: Mac, loader: LoaderName) => void learnt.set(mac, loader),
}
let nowMs = 1_000_000
const log = { debug: say, info: say, warn: say, error: say }
function say(_fields: unknown, text: string): void {
  said.push(text)
}
const open = async () => {
  const config = ServerConfig.parse({})
  const { loaders } = await readLoaders(config.boot.loaderDir)
  return openBoot({
    config,
    address: '10.77.0.1' as Ipv4,
    loaders,
    loaderCache: join(folder, 'grub'),
    memory,
    log,
    now: () => nowMs,
  })
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
    expect(boot.isScript('loaders/x64/autoexec.ipxe')).toBe(true)
    expect(boot.isScript('undionly.kpxe')).toBe(false)
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

describe('a loader that does not call back', () => {
  const mac = '52:54:00:77:00:03' as Mac
  const rom = { mac, stage: 'rom', firmware: 'uefi', features: [], arch: 7 } as const
  const ipxe = { ...rom, stage: 'ipxe', features: ['http'] } as const

  it('is followed by the other of its family, which is remembered once it does', async () => {
    const boot = await open()
    const file = () => boot.bootFor(rom)?.file
    expect(file()).toBe('snponly.efi')
    boot.loaderSent(mac, 'snponly.efi')
    nowMs += 10_000
    expect(file()).toBe('snponly.efi')
    nowMs += 30_000
    expect(file()).toBe('ipxe.efi')
    expect(learnt.get(mac)).toBeUndefined()
    boot.loaderSent(mac, 'ipxe.efi')
    boot.bootFor(ipxe)
    expect(learnt.get(mac)).toBe('ipxe.efi')
    expect(file()).toBe('ipxe.efi')
  })

  it('is no failure when the loader did call back, or when the machine was off meanwhile', async () => {
    const other = { ...rom, mac: '52:54:00:77:00:04' as Mac }
    const boot = await open()
    boot.loaderSent(other.mac, 'snponly.efi')
    boot.bootFor({ ...ipxe, mac: other.mac })
    nowMs += 60_000
    expect(boot.bootFor(other)?.file).toBe('snponly.efi')
    boot.loaderSent(other.mac, 'snponly.efi')
    nowMs += 3_600_000
    expect(boot.bootFor(other)?.file).toBe('snponly.efi')
    boot.loaderSent(other.mac, 'snponly.efi')
    boot.scriptAsked(other.mac)
    nowMs += 60_000
    expect(boot.bootFor(other)?.file).toBe('snponly.efi')
    expect(learnt.get(other.mac)).toBeUndefined()
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
