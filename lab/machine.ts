import * as z from 'zod'
import { LabCpus, LabFirmware, LabMachineName, LabMemoryMiB, LabNic } from '../config/lab.ts'
import { Mac } from '../config/values/mac.ts'
import type { AccelKind } from './accel.ts'
import { firmwareArgs } from './firmware.ts'

/** One machine of the lab, as it is bought: firmware, NIC, memory, CPUs, blank disks. Sizes in MiB. */
export const MachineSpec = z.strictObject({
  name: LabMachineName,
  firmware: LabFirmware,
  nic: LabNic,
  mac: Mac,
  memoryMiB: LabMemoryMiB,
  cpus: LabCpus,
  disks: z.array(z.strictObject({ sizeMiB: z.number().int().positive() })).readonly(),
})
export type MachineSpec = z.output<typeof MachineSpec>

/** What a new machine is made of, apart from its name and address. */
export type MachineShape = Pick<MachineSpec, 'firmware' | 'nic' | 'memoryMiB' | 'cpus' | 'disks'>

/** The files one machine's QEMU works on; the folder is its own. */
export type MachineFiles = {
  readonly consoleSocket: string
  readonly consoleLog: string
  readonly qmpSocket: string
  /** Private, writable copy of OVMF's variable store; only UEFI machines use it. */
  readonly nvram: string
  /** Raw image of the disk with this index. */
  readonly disk: (index: number) => string
}

/** The program that is a lab machine. */
export const QEMU = 'qemu-system-x86_64'

/**
 * The MAC of the machine with this number: 52:54:00 (QEMU's own prefix), `gw`, then the number. The same lab
 * therefore gets the same leases and node names every time. Throws RangeError outside 1..255.
 */
export function machineMac(number: number): Mac {
  if (!Number.isInteger(number) || number < 1 || number > 255)
    throw new RangeError(`machine number ${number} is not in 1..255`)
  return Mac.parse(`52:54:00:67:77:${number.toString(16).padStart(2, '0')}`)
}

/**
 * The next machine of a lab that has `existing`: first free number, and first free name of `bios1`, `bios2`, …
 * unless one is given.
 */
export function nextMachine(
  existing: readonly MachineSpec[],
  shape: MachineShape,
  name?: LabMachineName,
): MachineSpec {
  const taken = new Set<string>(existing.map(machine => machine.mac))
  let number = 1
  while (taken.has(machineMac(number))) number += 1
  return { ...shape, name: name ?? freeName(existing, shape.firmware), mac: machineMac(number) }
}

/** What comes before the number in a machine's name. */
const STEMS: Readonly<Record<LabFirmware, string>> = {
  bios: 'bios',
  uefi: 'uefi',
  uefi32: 'ia32-',
  'uefi-http': 'http',
}

function freeName(existing: readonly MachineSpec[], firmware: LabFirmware): LabMachineName {
  const names = new Set(existing.map(machine => machine.name))
  let number = 1
  while (names.has(`${STEMS[firmware]}${number}`)) number += 1
  return `${STEMS[firmware]}${number}`
}

/** The machine's end of the bridge; at most 15 characters by the rule of {@link LabMachineName}. */
export function tapName(name: LabMachineName): string {
  return `tap-${name}`
}

/** A UUID that only this MAC has, RFC 9562 version 8 (custom); network-boot clients send it as DHCP option 97. */
export function machineUuid(mac: Mac): string {
  return `676f6477-6974-8000-8000-${mac.replaceAll(':', '')}`
}

/**
 * The argument vector (with the program) of the QEMU that is this machine. `labId` marks the process as ours.
 * `-nodefaults` keeps out the floppy, CD and VGA that nobody asked for; QMP and the serial console are unix
 * sockets. The network boots first, the (blank) disks after it: bootindex is the order both SeaBIOS and OVMF obey.
 */
export function qemuArgv(
  spec: MachineSpec,
  files: MachineFiles,
  accel: AccelKind,
  labId: string,
): readonly string[] {
  return [
    QEMU,
    ...['-name', `godwit-lab-${labId}-${spec.name}`],
    ...['-nodefaults', '-display', 'none', '-no-user-config'],
    ...['-accel', accel === 'kvm' ? 'kvm' : 'tcg,thread=multi'],
    ...(accel === 'kvm' ? ['-cpu', 'host'] : []),
    ...['-m', `${spec.memoryMiB}M`, '-smp', `${spec.cpus}`],
    ...firmwareArgs(spec.firmware, files.nvram),
    ...nicArgs(spec),
    ...spec.disks.flatMap((_, index) => diskArgs(spec, files, index)),
    // Boot entropy: without it a diskless guest waits for its pool before the first TLS handshake.
    ...['-device', 'virtio-rng-pci'],
    ...smbiosArgs(spec),
    ...consoleArgs(files),
    ...['-chardev', `socket,id=qmp,path=${files.qmpSocket},server=on,wait=off`, '-mon', 'qmp,mode=control'],
  ]
}

const NIC_DEVICES: Readonly<Record<LabNic, string>> = {
  virtio: 'virtio-net-pci',
  e1000: 'e1000',
  e1000e: 'e1000e',
  rtl8139: 'rtl8139',
  pcnet: 'pcnet',
}

// An empty romfile takes iPXE's own UEFI driver out, so that OVMF's PXE stack (EDK2) is what boots.
function nicArgs(spec: MachineSpec): readonly string[] {
  const rom = spec.firmware === 'bios' ? '' : ',romfile='
  return [
    ...['-netdev', `tap,id=lan,ifname=${tapName(spec.name)},script=no,downscript=no`],
    ...['-device', `${NIC_DEVICES[spec.nic]},netdev=lan,mac=${spec.mac},bootindex=0${rom}`],
  ]
}

function diskArgs(spec: MachineSpec, files: MachineFiles, index: number): readonly string[] {
  return [
    ...['-drive', `if=none,id=disk${index},format=raw,discard=unmap,file=${files.disk(index)}`],
    ...[
      '-device',
      `virtio-blk-pci,drive=disk${index},serial=${spec.name}-disk${index},bootindex=${index + 1}`,
    ],
  ]
}

function smbiosArgs(spec: MachineSpec): readonly string[] {
  return [
    ...[
      '-smbios',
      `type=1,manufacturer=godwit,product=lab,serial=${spec.name},uuid=${machineUuid(spec.mac)}`,
    ],
    ...['-smbios', `type=2,manufacturer=godwit,product=lab-board,serial=${spec.name}`],
    ...['-smbios', `type=3,manufacturer=godwit,serial=${spec.name}`],
  ]
}

function consoleArgs(files: MachineFiles): readonly string[] {
  const socket = `path=${files.consoleSocket},server=on,wait=off`
  return [
    ...['-chardev', `socket,id=console,${socket},logfile=${files.consoleLog},logappend=on`],
    ...['-serial', 'chardev:console'],
  ]
}
