import type { Hardware } from '../../protocol/hardware.ts'
import { type RawFields, textOf } from './raw.ts'

/** The firmware. `efi` is whether the kernel has /sys/firmware/efi, the only sure sign of how it was booted. */
export function translateFirmware(bios: RawFields, efi: boolean): Hardware['firmware'] {
  return {
    kind: efi ? 'uefi' : 'bios',
    vendor: textOf(bios, 'vendor'),
    version: textOf(bios, 'version'),
    date: textOf(bios, 'releaseDate'),
  }
}
