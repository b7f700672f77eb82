import type { Firmware } from '../../protocol/boot.ts'

/** Machines that run the same loaders. */
export type LoaderFamily = 'bios' | 'uefi-x64' | 'uefi-ia32' | 'uefi-arm64'

/** What runs on an architecture: a family of loaders, or nothing of ours. */
export type ArchitectureVerdict =
  | { readonly kind: 'family'; readonly family: LoaderFamily }
  /** A code that no list has: some ROMs send garbage. Treated as the oldest kind, and worth a line in the log. */
  | { readonly kind: 'guessed'; readonly family: LoaderFamily }
  | { readonly kind: 'unsupported'; readonly name: string }

/**
 * Processor architecture types (RFC 4578 §2.1, IANA "Processor Architecture Types") that a loader of ours runs on. 7
 * and 9 both mean x64 (RFC 4578 erratum), 17 is EFI byte code over HTTP, which only x64 machines were seen to send.
 */
const FAMILIES: ReadonlyMap<number, LoaderFamily> = new Map([
  [0, 'bios'],
  [6, 'uefi-ia32'],
  [7, 'uefi-x64'],
  [9, 'uefi-x64'],
  [11, 'uefi-arm64'],
  [15, 'uefi-ia32'],
  [16, 'uefi-x64'],
  [17, 'uefi-x64'],
  [19, 'uefi-arm64'],
  [20, 'bios'],
])

/** The other types of IANA's list, by the names people know them by. */
const UNSUPPORTED: ReadonlyMap<number, string> = new Map([
  [1, 'NEC PC-98'],
  [2, 'Itanium'],
  [3, 'DEC Alpha'],
  [4, 'Arc x86'],
  [5, 'Intel Lean Client'],
  [8, 'XScale'],
  [10, '32-bit ARM UEFI'],
  [12, 'PowerPC Open Firmware'],
  [13, 'PowerPC ePAPR'],
  [14, 'POWER OPAL'],
  [18, '32-bit ARM UEFI over HTTP'],
  [21, '32-bit ARM U-Boot'],
  [22, '64-bit ARM U-Boot'],
  [23, '32-bit ARM U-Boot over HTTP'],
  [24, '64-bit ARM U-Boot over HTTP'],
  [25, 'RISC-V 32-bit UEFI'],
  [26, 'RISC-V 32-bit UEFI over HTTP'],
  [27, 'RISC-V 64-bit UEFI'],
  [28, 'RISC-V 64-bit UEFI over HTTP'],
  [29, 'RISC-V 128-bit UEFI'],
  [30, 'RISC-V 128-bit UEFI over HTTP'],
  [31, 's390 Basic'],
  [32, 's390 Extended'],
  [33, 'MIPS 32-bit UEFI'],
  [34, 'MIPS 64-bit UEFI'],
  [35, 'Sunway 32-bit UEFI'],
  [36, 'Sunway 64-bit UEFI'],
  [37, 'LoongArch 32-bit UEFI'],
  [38, 'LoongArch 32-bit UEFI over HTTP'],
  [39, 'LoongArch 64-bit UEFI'],
  [40, 'LoongArch 64-bit UEFI over HTTP'],
  [41, 'Raspberry Pi boot ROM'],
])

/** The family for architecture `arch`; a firmware that names none is a BIOS, or x64 where it speaks UEFI. */
export function familyOf(arch: number | undefined, firmware: Firmware): ArchitectureVerdict {
  const usual: LoaderFamily = firmware === 'bios' ? 'bios' : 'uefi-x64'
  if (arch === undefined) return { kind: 'family', family: usual }
  const family = FAMILIES.get(arch)
  if (family !== undefined) return { kind: 'family', family }
  const name = UNSUPPORTED.get(arch)
  return name === undefined ? { kind: 'guessed', family: usual } : { kind: 'unsupported', name }
}
