import type { LabConfig, LabFirmware, LabNic } from '../config/lab.ts'
import type { MachineShape } from './machine.ts'

/** What a machine of this lab is made of, where `wish` does not say otherwise. */
export function defaultShape(
  config: LabConfig,
  wish: {
    readonly firmware: LabFirmware
    readonly nic?: LabNic | undefined
    readonly memoryMiB?: number | undefined
    readonly cpus?: number | undefined
  },
): MachineShape {
  const diskMiB = Math.ceil(config.diskSize / 2 ** 20)
  return {
    firmware: wish.firmware,
    // OVMF has a driver of its own for virtio; for others it would run iPXE's, and with it iPXE in place of itself.
    nic: wish.firmware === 'bios' ? (wish.nic ?? config.nic) : 'virtio',
    memoryMiB: wish.memoryMiB ?? config.memoryMiB,
    cpus: wish.cpus ?? config.cpus,
    disks: diskMiB > 0 ? [{ sizeMiB: diskMiB }] : [],
  }
}

/** The machines a lab starts with: the BIOS ones, then the UEFI ones of each kind. */
export function plannedShapes(config: LabConfig): readonly MachineShape[] {
  const shapes = (firmware: LabFirmware, count: number) =>
    Array.from({ length: count }, () => defaultShape(config, { firmware }))
  return [
    ...shapes('bios', config.bios),
    ...shapes('uefi', config.uefi),
    ...shapes('uefi32', config.uefi32),
    ...shapes('uefi-http', config.uefiHttp),
  ]
}
