import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { StoreCondition, StoreWrite } from '../store/store.ts'
import type { Lease, LeaseView } from './lease.ts'

/** Prefix of everything DHCP keeps in the store. */
export const LEASE_PREFIX = 'lease/'

/** Prefix of the records by address. */
export const IP_PREFIX = `${LEASE_PREFIX}ip/`

/** The record of an address: its lease. */
function ipKey(ip: Ipv4): string {
  return IP_PREFIX + ip
}

/** The record of a machine: `{ip}`, the one address it holds. */
function macKey(mac: Mac): string {
  return `${LEASE_PREFIX}mac/${mac}`
}

/** One transaction that makes a lease durable. */
export type LeaseWrite = {
  readonly conditions: readonly StoreCondition[]
  readonly writes: readonly StoreWrite[]
}

/**
 * Plans the transaction for `lease`: its address record, its machine's record, and the removal of what they
 * displace (the machine's former address, the address's former machine). Every touched key must still be at
 * the version we know, so that an address cannot be leased twice whoever else writes.
 */
export function planLeaseWrite(
  lease: Lease,
  view: Pick<LeaseView, 'leaseAt' | 'leaseOf'>,
  versionOf: (key: string) => number,
): LeaseWrite {
  const writes = new Map<string, StoreWrite>()
  const put = (key: string, value: unknown) => writes.set(key, { kind: 'put', key, value })
  const remove = (key: string) => writes.set(key, { kind: 'delete', key })

  const formerOwner = view.leaseAt(lease.ip)
  if (formerOwner !== undefined && formerOwner.state !== 'declined') remove(macKey(formerOwner.mac))
  if (lease.state !== 'declined') {
    const formerAddress = view.leaseOf(lease.mac)?.ip
    if (formerAddress !== undefined && formerAddress !== lease.ip) remove(ipKey(formerAddress))
    put(macKey(lease.mac), { ip: lease.ip })
  }
  put(ipKey(lease.ip), lease)
  const conditions = [...writes.keys()].map(key => ({ key, version: versionOf(key) }))
  return { conditions, writes: [...writes.values()] }
}
