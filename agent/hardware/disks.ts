import type * as z from 'zod'
import type { DiskFacts } from '../../protocol/hardware.ts'
import { numberOf, type RawFields, textOf } from './raw.ts'

/** Block devices that are no disks of the machine, whatever lsblk calls them: RAM disks, loops, floppies without one. */
const NO_DISK = /^(zram|ram|loop|fd|sr|dm-|md)/

/**
 * The disks, one per block device of type `disk`. lsblk lists all of them but knows little; `layout` (smartctl,
 * sysfs) knows the serial and whether it is solid-state, but misses virtual ones: joined by device name.
 */
export function translateDisks(
  blockDevices: readonly RawFields[],
  layout: readonly RawFields[],
): z.output<typeof DiskFacts>[] {
  const known = new Map(layout.map(disk => [baseName(textOf(disk, 'device')), disk]))
  const disks = blockDevices.filter(device => isDisk(device)).slice(0, 256)
  return disks.map(device => {
    const name = textOf(device, 'name')
    const more = known.get(name) ?? {}
    return {
      name,
      model: textOf(device, 'model') || textOf(more, 'name'),
      serial: textOf(more, 'serialNum') || textOf(device, 'serial'),
      sizeBytes: Math.round(numberOf(device, 'size') || numberOf(more, 'size')),
      kind: textOf(more, 'type') || textOf(device, 'physical'),
    }
  })
}

function isDisk(device: RawFields): boolean {
  return textOf(device, 'type') === 'disk' && !NO_DISK.test(textOf(device, 'name'))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
