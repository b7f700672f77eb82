import type { Firmware } from '../../../protocol/boot.ts'

type Arch = { readonly name: string; readonly firmware: Firmware }

const arch = (name: string, firmware: Firmware): Arch => ({ name, firmware })

/**
 * Processor architecture types (RFC 4578 §2.1, IANA). 7 and 9 both mean x64: the RFC's text had them swapped
 * and firmware sends either; EFI byte code (17) is served as x64.
 */
const ARCHES: ReadonlyMap<number, Arch> = new Map([
  [0, arch('bios', 'bios')],
  [6, arch('ia32', 'uefi')],
  [7, arch('x64', 'uefi')],
  [9, arch('x64', 'uefi')],
  [10, arch('arm32', 'uefi')],
  [11, arch('arm64', 'uefi')],
  [15, arch('ia32', 'uefi-http')],
  [16, arch('x64', 'uefi-http')],
  [17, arch('x64', 'uefi-http')],
  [18, arch('arm32', 'uefi-http')],
  [19, arch('arm64', 'uefi-http')],
  [20, arch('bios', 'bios')],
  [25, arch('riscv32', 'uefi')],
  [26, arch('riscv32', 'uefi-http')],
  [27, arch('riscv64', 'uefi')],
  [28, arch('riscv64', 'uefi-http')],
  [37, arch('loong32', 'uefi')],
  [38, arch('loong32', 'uefi-http')],
  [39, arch('loong64', 'uefi')],
  [40, arch('loong64', 'uefi-http')],
])

/** The first code of option 93 that we know, else its first code at all; `undefined` without a usable option. */
export function readClientArch(value: Uint8Array | undefined): number | undefined {
  if (value === undefined) return undefined
  for (let at = 0; at + 1 < value.length; at += 2) {
    const code = codeAt(value, at)
    if (ARCHES.has(code)) return code
  }
  return value.length < 2 ? undefined : codeAt(value, 0)
}

function codeAt(value: Uint8Array, at: number): number {
  return (value[at] ?? 0) * 256 + (value[at + 1] ?? 0)
}

/** The firmware family of an architecture; unknown ones (and none) count as BIOS, the oldest ROMs send nothing. */
export function firmwareOf(code: number | undefined): Firmware {
  return (code === undefined ? undefined : ARCHES.get(code)?.firmware) ?? 'bios'
}

/** A short name for people: `x64`, `bios`; `arch 33` for one we have no name for. */
export function archName(code: number | undefined): string {
  if (code === undefined) return 'bios'
  return ARCHES.get(code)?.name ?? `arch ${code}`
}
