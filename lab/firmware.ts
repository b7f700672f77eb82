import type { LabFirmware } from '../config/lab.ts'

/** The files of a UEFI firmware: code (shared, read-only) and the blank variable store, which each machine copies. */
export type FirmwareFiles = { readonly code: string; readonly vars: string; readonly debianPackage: string }

const OVMF: FirmwareFiles = {
  code: '/usr/share/OVMF/OVMF_CODE_4M.fd',
  vars: '/usr/share/OVMF/OVMF_VARS_4M.fd',
  debianPackage: 'ovmf',
}
/** Debian builds the 32-bit one with Secure Boot only; its blank store has no keys, so nothing is checked. */
const OVMF32: FirmwareFiles = {
  code: '/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd',
  vars: '/usr/share/OVMF/OVMF32_VARS_4M.fd',
  debianPackage: 'ovmf-ia32',
}

/** The files of a machine with `firmware`; `undefined` for SeaBIOS, which is part of QEMU. */
export function firmwareFiles(firmware: LabFirmware): FirmwareFiles | undefined {
  if (firmware === 'bios') return undefined
  return firmware === 'uefi32' ? OVMF32 : OVMF
}

/** QEMU's words for a firmware; `nvram` is the machine's own copy of the variable store. */
export function firmwareArgs(firmware: LabFirmware, nvram: string): readonly string[] {
  const files = firmwareFiles(firmware)
  // graphics=off makes SeaBIOS, and the iPXE ROM through it, write to the serial port. A PC that found no server
  // tries again after five seconds instead of stopping at "No bootable device".
  if (files === undefined) return ['-machine', 'pc,graphics=off', '-boot', 'order=n,reboot-timeout=5000']
  return [
    ...(firmware === 'uefi32' ? SECURE_MACHINE : ['-machine', 'q35,graphics=off']),
    ...['-boot', 'order=n'],
    ...(firmware === 'uefi-http' ? HTTP_BOOT : []),
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${files.code}`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${nvram}`],
  ]
}

/** A Secure Boot build keeps its variables behind system management mode, and stops at once without it. */
const SECURE_MACHINE = [
  ...['-machine', 'q35,graphics=off,smm=on'],
  ...['-global', 'driver=cfi.pflash01,property=secure,value=on', '-global', 'ICH9-LPC.disable_s3=1'],
]

/** OVMF offers HTTP boot after PXE; without PXE it is the first choice. */
const HTTP_BOOT = ['IPv4PXESupport', 'IPv6PXESupport'].flatMap(name => [
  '-fw_cfg',
  `name=opt/org.tianocore/${name},string=n`,
])
