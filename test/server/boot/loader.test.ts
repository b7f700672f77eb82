import { describe, expect, it } from 'vitest'
import type { LoaderName } from '../../../config/values/loader-name.ts'
import { chooseLoader } from '../../../server/boot/loader.ts'

const ALL = new Set<string>([
  'undionly.kpxe',
  'undionly.kkpxe',
  'ipxe.pxe',
  'snponly.efi',
  'ipxe.efi',
  'grub-ia32.efi',
  'ipxe-arm64.efi',
])

/** Table 3.6 of the protocol notes: architecture code, firmware family it counts as, loader or word of the refusal. */
const TABLE: readonly (readonly [number, 'bios' | 'uefi' | 'uefi-http', LoaderName | RegExp])[] = [
  [0, 'bios', 'undionly.kpxe'],
  [1, 'bios', /NEC PC-98/],
  [2, 'bios', /Itanium/],
  [3, 'bios', /Alpha/],
  [4, 'bios', /Arc/],
  [5, 'bios', /Lean/],
  [6, 'uefi', 'grub-ia32.efi'],
  [7, 'uefi', 'snponly.efi'],
  [8, 'bios', /XScale/],
  [9, 'uefi', 'snponly.efi'],
  [10, 'uefi', /32-bit ARM/],
  [11, 'uefi', 'ipxe-arm64.efi'],
  [12, 'bios', /PowerPC/],
  [13, 'bios', /PowerPC/],
  [14, 'bios', /POWER/],
  [15, 'uefi-http', 'grub-ia32.efi'],
  [16, 'uefi-http', 'snponly.efi'],
  [17, 'uefi-http', 'snponly.efi'],
  [18, 'uefi-http', /32-bit ARM/],
  [19, 'uefi-http', 'ipxe-arm64.efi'],
  [20, 'bios', 'undionly.kpxe'],
  ...[21, 22, 23, 24].map(arch => [arch, 'bios', /U-Boot/] as const),
  ...[25, 27, 29].map(arch => [arch, 'uefi', /RISC-V/] as const),
  ...[26, 28, 30].map(arch => [arch, 'uefi-http', /RISC-V.*HTTP/] as const),
  [31, 'bios', /s390/],
  [32, 'bios', /s390/],
  [33, 'bios', /MIPS/],
  [34, 'bios', /MIPS/],
  [35, 'bios', /Sunway/],
  [36, 'bios', /Sunway/],
  [37, 'uefi', /LoongArch/],
  [38, 'uefi-http', /LoongArch.*HTTP/],
  [39, 'uefi', /LoongArch/],
  [40, 'uefi-http', /LoongArch.*HTTP/],
  [41, 'bios', /Raspberry Pi/],
]

it('C097 every architecture code has its loader or says that it has none; an unlisted one is a BIOS, and is logged', () => {
  for (const [arch, firmware, expected] of TABLE) {
    const choice = chooseLoader({ arch, firmware }, ALL)
    if (typeof expected === 'string') expect(choice).toEqual({ kind: 'loader', name: expected })
    else expect(choice).toMatchObject({ kind: 'none', reason: expect.stringMatching(expected) })
  }
  expect(new Set(TABLE.map(([arch]) => arch)).size).toBe(42)
  expect(chooseLoader({ arch: 0x1234, firmware: 'bios' }, ALL)).toEqual({
    kind: 'loader',
    name: 'undionly.kpxe',
    note: 'architecture 4660 is in no list; it gets undionly.kpxe',
  })
})

it.each([
  ['C098 architectures 7 and 9 get the same file', undefined],
  ['C098 architectures 7 and 9 get the same file, also where another was chosen', 'ipxe.efi'],
] as const)('%s', (_name, wanted) => {
  const files = [7, 9].map(arch => chooseLoader({ arch, firmware: 'uefi', wanted }, ALL))
  expect(files).toEqual([0, 1].map(() => ({ kind: 'loader', name: wanted ?? 'snponly.efi' })))
})

describe('chooseLoader', () => {
  it('knows firmware that names no architecture', () => {
    expect(chooseLoader({ firmware: 'bios' }, ALL)).toEqual({ kind: 'loader', name: 'undionly.kpxe' })
    expect(chooseLoader({ firmware: 'uefi' }, ALL)).toEqual({ kind: 'loader', name: 'snponly.efi' })
  })

  it.each([
    ['ipxe.pxe', 0],
    ['undionly.kkpxe', 0],
    ['ipxe.efi', 7],
    ['ipxe.efi', 16],
  ] as const)('gives %s to architecture %d where the administrator wants it', (wanted, arch) => {
    expect(chooseLoader({ firmware: 'bios', arch, wanted }, ALL)).toEqual({ kind: 'loader', name: wanted })
  })

  it('does not give a machine a loader of another firmware, whatever was wanted', () => {
    expect(chooseLoader({ firmware: 'uefi', arch: 7, wanted: 'ipxe.pxe' }, ALL)).toEqual({
      kind: 'loader',
      name: 'snponly.efi',
      note: 'ipxe.pxe does not fit or is missing; it gets snponly.efi',
    })
  })

  it('takes the next of the family when one is missing, and names the package when all are', () => {
    const some = new Set(['ipxe.efi'])
    expect(chooseLoader({ firmware: 'uefi', arch: 7 }, some)).toEqual({ kind: 'loader', name: 'ipxe.efi' })
    expect(chooseLoader({ firmware: 'uefi', arch: 6 }, some)).toEqual({
      kind: 'none',
      reason: 'the loader grub-ia32.efi is missing: install the package grub-efi-ia32-bin and grub-common',
    })
  })
})
