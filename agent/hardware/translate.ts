import type { Hardware } from '../../protocol/hardware.ts'
import { translateBoard } from './board.ts'
import { translateCpu } from './cpu.ts'
import { translateDisks } from './disks.ts'
import { translateFirmware } from './firmware.ts'
import { translateMemory } from './memory.ts'
import { translateNics } from './nics.ts'
import type { RawHardware } from './raw.ts'

/** All of a node's hardware in the words of the protocol. */
export function translateHardware(raw: RawHardware): Hardware {
  return {
    cpu: translateCpu(raw.cpu, raw),
    memory: translateMemory(raw.memoryTotalBytes, raw.memoryModules),
    disks: translateDisks(raw.blockDevices, raw.disks),
    nics: translateNics(raw.nics),
    ...translateBoard(raw.baseboard, raw.system),
    firmware: translateFirmware(raw.bios, raw.efi),
    kernel: raw.kernel,
    missingTools: [...raw.missingTools],
  }
}
