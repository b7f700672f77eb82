import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { StoreCondition, StoreWrite } from '../store/store.ts'
import { type Lease, type LeaseView, ownerOf, type Within } from './lease.ts'

/** Prefix of everything DHCP keeps in the store. */
export const LEASE_PREFIX = 'lease/'

/** Prefix of the records by address. */
export const IP_PREFIX = `${LEASE_PREFIX}ip/`

/** One transaction that makes a lease durable. */
export type LeaseWrite = {
  readonly conditions: readonly StoreCondition[]
  readonly writes: readonly StoreWrite[]
}

/**
 * Plans the transaction for `lease`: its address record, and the removal of its owner's former address in the
 * same subnet. Both must still be at the version we know, so that an address cannot be leased twice whoever else
 * writes. There is no record by machine: it would double what each lease costs and tells nothing more.
 */
export function planLeaseWrite(
  lease: Lease,
  within: Within,
  view: Pick<LeaseView, 'leaseOf'>,
  versionOf: (key: string) => number,
): LeaseWrite {
  const key = ipKey(lease.ip)
  const own = {
    condition: { key, version: versionOf(key) },
    write: { kind: 'put' as const, key, value: lease },
  }
  const former = lease.state === 'declined' ? undefined : view.leaseOf(ownerOf(lease), within)?.ip
  if (former === undefined || former === lease.ip) return { conditions: [own.condition], writes: [own.write] }
  const formerKey = ipKey(former)
  return {
    conditions: [own.condition, { key: formerKey, version: versionOf(formerKey) }],
    writes: [own.write, { kind: 'delete', key: formerKey }],
  }
}

function ipKey(ip: Ipv4): string {
  return IP_PREFIX + ip
}
