import { describe, expect, it } from 'vitest'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { type BootServices, decideBoot } from '../../../server/boot/answer.ts'
import type { BootClient } from '../../../server/dhcp/boot-client.ts'

const mac = '52:54:00:77:00:01' as Mac
const services: BootServices = {
  address: '10.77.0.1' as Ipv4,
  httpPort: 7080,
  loaders: new Set(['undionly.kpxe', 'ipxe.pxe', 'snponly.efi', 'ipxe.efi', 'grub-ia32.efi']),
  machines: [],
}
const client = (part: Partial<BootClient>): BootClient => ({
  mac,
  stage: 'rom',
  firmware: 'bios',
  features: [],
  ...part,
})
const fileFor = (part: Partial<BootClient>, machines: BootServices['machines'] = []) => {
  const decision = decideBoot(client(part), { ...services, machines })
  return decision.kind === 'boot' ? decision.answer.file : undefined
}

describe('decideBoot', () => {
  it.each<[string, Partial<BootClient>, string | undefined]>([
    ['a BIOS ROM gets the loader', { arch: 0 }, 'undionly.kpxe'],
    ['a UEFI ROM gets the loader', { firmware: 'uefi', arch: 7 }, 'snponly.efi'],
    ['a 32-bit UEFI gets GRUB', { firmware: 'uefi', arch: 6 }, 'grub-ia32.efi'],
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
    ['an architecture without a loader gets nothing', { firmware: 'uefi', arch: 27 }, undefined],
  ])('%s', (_name, part, file) => {
    expect(fileFor(part)).toBe(file)
  })

  it('never hands a loader to the loader it is', () => {
    expect(fileFor({ stage: 'ipxe', features: ['http', 'bzimage'] })).toMatch(/^http:/)
  })

  it('gives one machine the loader that is set for it, and no other machine', () => {
    const other = '52:54:00:77:00:02' as Mac
    const machines = [{ mac, loader: 'ipxe.pxe' as const }]
    expect(fileFor({ arch: 0 }, machines)).toBe('ipxe.pxe')
    expect(fileFor({ arch: 0, mac: other }, machines)).toBe('undionly.kpxe')
    expect(fileFor({ stage: 'ipxe', arch: 0, features: ['http'] }, machines)).toMatch(/boot\.ipxe$/)
  })

  it('says what is missing and where it comes from', () => {
    const decision = decideBoot(client({ firmware: 'uefi', arch: 11 }), services)
    expect(decision).toEqual({
      kind: 'none',
      reason: 'the loader ipxe-arm64.efi is missing: install the package ipxe (of Debian 13 or newer)',
    })
  })
})
