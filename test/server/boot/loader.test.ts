import { describe, expect, it } from 'vitest'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { bootAnswer } from '../../../server/boot/answer.ts'
import { chooseLoader } from '../../../server/boot/loader.ts'
import type { BootClient } from '../../../server/dhcp/boot-client.ts'

describe('chooseLoader', () => {
  it.each([
    ['BIOS, arch 0', 'bios', 0, 'undionly.kpxe'],
    ['BIOS without option 93', 'bios', undefined, 'undionly.kpxe'],
    ['UEFI x64, arch 7', 'uefi', 7, 'snponly.efi'],
    ['UEFI x64, arch 9 (RFC 4578 erratum)', 'uefi', 9, 'snponly.efi'],
    ['UEFI without option 93', 'uefi', undefined, 'snponly.efi'],
    ['UEFI HTTP, arch 16', 'uefi-http', 16, 'snponly.efi'],
    ['BIOS HTTP, arch 20', 'bios', 20, 'undionly.kpxe'],
  ] as const)('%s', (_name, firmware, arch, name) => {
    expect(chooseLoader({ firmware, arch })).toEqual({ kind: 'loader', name })
  })

  it.each([1, 2, 6, 11, 39])('says why there is none for architecture %d', arch => {
    expect(chooseLoader({ firmware: 'uefi', arch })).toEqual({
      kind: 'none',
      reason: `no loader for client architecture ${arch}`,
    })
  })
})

describe('bootAnswer', () => {
  const services = { address: '10.77.0.1' as Ipv4, httpPort: 7080 }
  const client = (part: Partial<BootClient>): BootClient => ({
    mac: '52:54:00:77:00:01' as Mac,
    stage: 'rom',
    firmware: 'bios',
    features: [],
    ...part,
  })

  it.each<[string, Partial<BootClient>, string | undefined]>([
    ['a BIOS ROM gets the loader', { arch: 0 }, 'undionly.kpxe'],
    ['a UEFI ROM gets the loader', { firmware: 'uefi', arch: 7 }, 'snponly.efi'],
    [
      'UEFI HTTP boot gets a URL',
      { firmware: 'uefi-http', stage: 'uefi-http', arch: 16 },
      'http://10.77.0.1:7080/loaders/snponly.efi',
    ],
    [
      'iPXE with HTTP gets the script',
      { stage: 'ipxe', arch: 0, features: ['http'] },
      'http://10.77.0.1:7080/boot.ipxe',
    ],
    ['iPXE without HTTP gets a full iPXE', { stage: 'ipxe', arch: 0, features: ['tftp'] }, 'undionly.kpxe'],
    ['an unknown architecture gets nothing', { firmware: 'uefi', arch: 11 }, undefined],
  ])('%s', (_name, part, file) => {
    expect(bootAnswer(client(part), services)?.file).toBe(file)
  })

  it('never hands a loader to the loader it is', () => {
    const loaded = bootAnswer(client({ stage: 'ipxe', features: ['http', 'bzimage'] }), services)
    expect(loaded?.file.startsWith('http://')).toBe(true)
  })
})
