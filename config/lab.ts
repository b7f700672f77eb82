import * as z from 'zod'
import { Bytes } from './values/bytes.ts'

/**
 * Which firmware a lab machine boots with: SeaBIOS and the iPXE option ROM, or OVMF with its own PXE stack (64-bit, or
 * the 32-bit one of early tablets and Macs), or OVMF with PXE switched off, which boots by HTTP.
 */
export const LabFirmware = z.enum(['bios', 'uefi', 'uefi32', 'uefi-http'])
export type LabFirmware = z.output<typeof LabFirmware>

/** The network card of a BIOS machine; for each of them Debian has an iPXE option ROM. */
export const LabNic = z.enum(['virtio', 'e1000', 'e1000e', 'rtl8139', 'pcnet'])
export type LabNic = z.output<typeof LabNic>

/** A machine's name. Eleven characters at the most: its tap device `tap-NAME` must fit Linux' IFNAMSIZ of 15. */
export const LabMachineName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,10}$/, 'a machine name is a letter, then up to 10 letters, digits or dashes')
export type LabMachineName = z.output<typeof LabMachineName>

/** Memory of one machine in MiB, at least what QEMU's firmware itself runs in. */
export const LabMemoryMiB = z.number().int().min(64).max(1_048_576)

/** Virtual CPUs of one machine. */
export const LabCpus = z.number().int().min(1).max(64)

/** How many QEMU machines of each firmware the lab has, and what is in them. Every field has a default. */
export const LabConfig = z.strictObject({
  bios: z.number().int().min(0).max(32).default(1).describe('Machines that boot by SeaBIOS and iPXE'),
  uefi: z.number().int().min(0).max(32).default(1).describe('Machines that boot by UEFI (OVMF)'),
  uefi32: z.number().int().min(0).max(32).default(0).describe('Machines that boot by 32-bit UEFI'),
  uefiHttp: z.number().int().min(0).max(32).default(0).describe('Machines that boot by UEFI HTTP boot'),
  nic: LabNic.default('virtio').describe('Network card of the BIOS machines; UEFI drives virtio only'),
  dhcp: z
    .enum(['godwit', 'beside'])
    .default('godwit')
    .describe('godwit: our server leases the addresses. beside: a router does, and ours finds that out'),
  memoryMiB: LabMemoryMiB.default(1024).describe('Memory of each machine in MiB'),
  cpus: LabCpus.default(2).describe('Virtual CPUs of each machine'),
  diskSize: Bytes.prefault('64M').describe('Size of the blank disk in each machine; 0 for none'),
  accel: z
    .enum(['auto', 'kvm', 'tcg'])
    .default('auto')
    .describe('auto: KVM where a probe guest really boots on it, emulation (TCG) otherwise'),
  kernelArgs: z
    .array(z.string().min(1))
    .default(['console=ttyS0,115200'])
    .describe('Extra kernel arguments of the machines; the default shows the boot on the serial console'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe("The lab server's log level"),
})
export type LabConfig = z.output<typeof LabConfig>
