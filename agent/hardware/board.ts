import type { Hardware } from '../../protocol/hardware.ts'
import { type RawFields, textOf } from './raw.ts'

/** systeminformation names the container or hypervisor it believes in when SMBIOS is silent; that is no product name. */
const GUESSED = /^(docker container|container)$/i

/** Mainboard and whole system as SMBIOS names them; '' where it is silent or holds a vendor's placeholder. */
export function translateBoard(baseboard: RawFields, system: RawFields): Pick<Hardware, 'board' | 'system'> {
  const model = textOf(system, 'model')
  return {
    board: {
      vendor: textOf(baseboard, 'manufacturer'),
      model: textOf(baseboard, 'model'),
      serial: textOf(baseboard, 'serial'),
    },
    system: {
      vendor: textOf(system, 'manufacturer'),
      model: GUESSED.test(model) ? '' : model,
      serial: textOf(system, 'serial'),
      uuid: textOf(system, 'uuid').toLowerCase(),
    },
  }
}
