import type { BootClient } from '../boot-client.ts'

/** Address blocks of Raspberry Pi boards: 3 and older, then 4 and 5. */
const OUIS: ReadonlySet<string> = new Set([
  'b8:27:eb',
  'dc:a6:32',
  'e4:5f:01',
  '28:cd:c1',
  'd8:3a:dd',
  '2c:cf:67',
])

/** Architectures the boot ROM names: none of its own, or 41 since IANA has it. A Pi with UEFI (pftf) says 11. */
const ROM_ARCHES: readonly unknown[] = [undefined, 0, 41]

/** Whether the client is the boot ROM of a Raspberry Pi: its card's address block, and no UEFI on it. */
export function isRaspberryPi({ mac, arch }: Pick<BootClient, 'mac' | 'arch'>): boolean {
  return ROM_ARCHES.includes(arch) && OUIS.has(mac.slice(0, 8))
}
