import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { ClientAddresses } from './client-addresses.ts'
import type { LeaseView } from './lease.ts'

/** A machine fetched something from us. One of `mac` and `ip` is needed. */
export type Contact = {
  readonly mac?: Mac
  readonly ip?: Ipv4
  readonly what: 'tftp' | 'http'
  /** The loader's name, once the whole of it has gone out. */
  readonly loader?: string
}

/** Who a contact is, as far as memory tells; `undefined` leaves the kernel's neighbour table to be asked. */
export function machineOf(
  { mac, ip }: Contact,
  heard: ClientAddresses,
  leases: Pick<LeaseView, 'leaseAt'>,
): Mac | undefined {
  if (mac !== undefined || ip === undefined) return mac
  const lease = leases.leaseAt(ip)
  return heard.macOf(ip) ?? (lease?.state === 'bound' ? lease.mac : undefined)
}
