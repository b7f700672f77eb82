import type * as z from 'zod'
import type { NicFacts } from '../../protocol/hardware.ts'
import type { RawNic } from './raw.ts'

/** ARPHRD_ETHER: wired and wireless alike (linux/if_arp.h). */
const ETHERNET = '1'

/**
 * The network interfaces that are devices. A cable that is out shows as speed -1 (or the file refuses to be read);
 * virtio and many wireless drivers never tell a speed.
 */
export function translateNics(nics: readonly RawNic[]): z.output<typeof NicFacts>[] {
  return nics
    .filter(nic => nic.physical && nic.type === ETHERNET)
    .slice(0, 256)
    .map(nic => ({
      name: nic.name,
      mac: nic.address ?? '',
      driver: nic.driver ?? '',
      speedMbps: speedOf(nic.speed),
      carrier: nic.carrier === '1',
      ip: nic.ip ?? null,
    }))
}

function speedOf(text: string | undefined): number | null {
  const mbps = Number(text)
  return text !== undefined && Number.isInteger(mbps) && mbps > 0 ? mbps : null
}
