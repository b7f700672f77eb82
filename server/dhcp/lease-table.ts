import { cidrContains } from '../../config/values/cidr.ts'
import { type Ipv4, ipv4ToNumber } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import { createHoldTable } from './hold-table.ts'
import type { Identity } from './identity.ts'
import { type Hold, type Lease, type LeaseView, ownerOf, type Within } from './lease.ts'

/** The leases and holds in memory: the view all decisions are made on, and the only thing that changes it. */
export type LeaseTable = LeaseView & {
  /**
   * Takes in a lease that is durable now, displacing the address's former one and, in the subnet it was given in,
   * the identity's.
   */
  record(lease: Lease, within?: Within): void
  /** Sets an address aside; there is one hold per identity and subnet, the last one. */
  hold(hold: Hold): void
  dropHold(identity: Identity, within: Pick<Within, 'name'>): void
  /** Forgets the address's lease: the store says it is gone. */
  forget(ip: Ipv4): void
  /** A search found no address to give: it need not be repeated for each packet of a flood. */
  markExhausted(within: Within, nowMs: number): void
  /** A node's agent reported, which shows that it runs. */
  report(mac: Mac, nowMs: number): void
}

/** Silence of an agent after which its node no longer counts as running; agents report every second. */
const RUNNING_FOR_MS = 15_000

/** How long an empty pool is taken to stay empty by itself; leases and offers run out, but not by the millisecond. */
const EXHAUSTED_FOR_MS = 1000

const NONE: readonly Lease[] = []

/** A table with the given leases. */
export function createLeaseTable(leases: Iterable<Lease>): LeaseTable {
  const byAddress = new Map<number, Lease>()
  /** One machine has as many leases as there are subnets it was seen in: nearly always one. */
  const byOwner = new Map<Identity, readonly Lease[]>()
  const reportedAtMs = new Map<Mac, number>()
  const holds = createHoldTable()
  const exhausted = new Map<string, { readonly atMs: number; readonly changes: number }>()
  let changes = 0

  const leaseOf = (identity: Identity, { link }: Within) => {
    for (const lease of byOwner.get(identity) ?? NONE) if (cidrContains(link, lease.ip)) return lease
    return undefined
  }
  const forget = (ip: Ipv4) => {
    changes += 1
    const address = ipv4ToNumber(ip)
    const lease = byAddress.get(address)
    if (lease === undefined) return
    byAddress.delete(address)
    const owner = ownerOf(lease)
    const others = (byOwner.get(owner) ?? []).filter(each => each !== lease)
    if (others.length === 0) byOwner.delete(owner)
    else byOwner.set(owner, others)
  }
  const record = (lease: Lease, within?: Within) => {
    forget(lease.ip)
    if (lease.state !== 'declined') {
      const owner = ownerOf(lease)
      const former = within === undefined ? undefined : leaseOf(owner, within)
      if (former !== undefined) forget(former.ip)
      byOwner.set(owner, [lease, ...(byOwner.get(owner) ?? [])])
    }
    byAddress.set(ipv4ToNumber(lease.ip), lease)
  }

  for (const lease of leases) record(lease)
  return {
    leaseAt: ip => byAddress.get(ipv4ToNumber(ip)),
    leaseOf,
    holdAt: holds.at,
    holdOf: holds.of,
    isUntouched: (address, nowMs) => !byAddress.has(address) && !holds.isHeld(address, nowMs),
    openOffers: holds.open,
    isRunning: (mac, nowMs) => Math.abs(nowMs - (reportedAtMs.get(mac) ?? -Infinity)) < RUNNING_FOR_MS,
    leases: () => byAddress.values(),
    record,
    forget,
    hold: holds.put,
    dropHold(identity, within) {
      if (holds.drop(identity, within)) changes += 1
    },
    isExhausted({ name }, nowMs) {
      const mark = exhausted.get(name)
      return mark?.changes === changes && Math.abs(nowMs - mark.atMs) < EXHAUSTED_FOR_MS
    },
    markExhausted: ({ name }, nowMs) => void exhausted.set(name, { atMs: nowMs, changes }),
    report: (mac, nowMs) => void reportedAtMs.set(mac, nowMs),
  }
}
