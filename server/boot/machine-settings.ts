import type { BootMachine } from '../../config/boot-machine.ts'
import type { Mac } from '../../config/values/mac.ts'

/** What is set for one machine; where two entries name it, the first counts. Empty for any other machine. */
export function machineSettings(
  machines: readonly BootMachine[],
  mac: Mac,
): Partial<Omit<BootMachine, 'mac'>> {
  return machines.find(machine => machine.mac === mac) ?? {}
}
