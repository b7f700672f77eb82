/** How a machine goes on when there is nothing to boot from the network. */
export type LocalBoot = 'exit' | 'sanboot'

const DISK_BIOS = 'sanboot --no-describe --drive 0x80 ||'
const DISK_UEFI = 'sanboot --no-describe --drive 0 ||'

/**
 * The end of an iPXE script: on to the machine's own disk. `exit 1` tells the firmware that the network boot failed, so
 * that it tries its next boot device; `exit 0` would say that all is well, and some BIOSes then hang. Without a choice
 * a BIOS starts its first disk (`sanboot`; without an iBFT table, which systems take for a network disk) and exits where
 * that fails, and UEFI exits.
 */
export function leaveLines(localBoot: LocalBoot | undefined): string {
  if (localBoot === 'exit') return 'exit 1'
  const uefi = localBoot === 'sanboot' ? `iseq \${platform} efi && ${DISK_UEFI}\n` : ''
  return `${uefi}iseq \${platform} pcbios && ${DISK_BIOS}\nexit 1`
}
