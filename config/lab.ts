import * as z from 'zod'
import { Bytes } from './values/bytes.ts'

/** Which firmware a lab machine boots with: SeaBIOS and the iPXE option ROM, or OVMF with its own PXE stack. */
export const LabFirmware = z.enum(['bios', 'uefi'])
export type LabFirmware = z.output<typeof LabFirmware>

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
