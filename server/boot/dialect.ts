import { grubMachineScript, grubStopScript } from './grub-script.ts'
import type { LocalBoot } from './local-boot.ts'
import { type MachineBoot, machineScript, stopScript } from './script.ts'

/** A loader's script language: how it boots a machine, and how it tells why it cannot. */
export type Dialect = {
  boot(machine: MachineBoot): string
  stop(message: string, localBoot?: LocalBoot): string
}

/** iPXE, which nearly every machine boots by. */
export const IPXE: Dialect = { boot: machineScript, stop: stopScript }
/** GRUB, which 32-bit UEFI boots by. */
export const GRUB: Dialect = { boot: grubMachineScript, stop: grubStopScript }
