import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { Hold, Lease, LeaseView } from './lease.ts'

/** The leases and holds in memory: the view all decisions are made on, and the only thing that changes it. */
export type LeaseTable = LeaseView & {
  /** Takes in a lease that is durable now, displacing what it displaces (one lease per machine and address). */
  record(lease: Lease): void
  /** Sets an address aside for a machine; a machine has one hold, the last one. */
  hold(hold: Hold): void
  dropHold(mac: Mac): void
  /** Forgets the address's lease: the store says it is gone. */
  forget(ip: Ipv4): void
}

/** Above this many holds the run-out ones are swept, so that a flood of made-up MACs cannot grow the table. */
const SWEEP_FROM_HOLDS = 256

/** A table with the given leases. */
export function createLeaseTable(leases: Iterable<Lease>): LeaseTable {
  const byIp = new Map<Ipv4, Lease>()
  const byMac = new Map<Mac, Lease>()
  const holdByMac = new Map<Mac, Hold>()
  const holdByIp = new Map<Ipv4, Hold>()

  const forget = (ip: Ipv4) => {
    const lease = byIp.get(ip)
    byIp.delete(ip)
    if (lease !== undefined && byMac.get(lease.mac)?.ip === ip) byMac.delete(lease.mac)
  }
  const record = (lease: Lease) => {
    forget(lease.ip)
    if (lease.state !== 'declined') {
      const former = byMac.get(lease.mac)
      if (former !== undefined) forget(former.ip)
      byMac.set(lease.mac, lease)
    }
    byIp.set(lease.ip, lease)
  }
  const dropHold = (mac: Mac) => {
    const hold = holdByMac.get(mac)
    holdByMac.delete(mac)
    if (hold !== undefined && holdByIp.get(hold.ip)?.mac === mac) holdByIp.delete(hold.ip)
  }
  const sweep = (nowMs: number) => {
    for (const hold of [...holdByMac.values()]) if (hold.expiresAtMs <= nowMs) dropHold(hold.mac)
  }
  const live = (hold: Hold | undefined, nowMs: number) =>
    hold !== undefined && hold.expiresAtMs > nowMs ? hold : undefined

  for (const lease of leases) record(lease)
  return {
    leaseAt: ip => byIp.get(ip),
    leaseOf: mac => byMac.get(mac),
    holdAt: (ip, nowMs) => live(holdByIp.get(ip), nowMs),
    holdOf: (mac, nowMs) => live(holdByMac.get(mac), nowMs),
    openOffers(nowMs) {
      if (holdByMac.size >= SWEEP_FROM_HOLDS) sweep(nowMs)
      return [...holdByMac.values()].filter(hold => !hold.acknowledged && hold.expiresAtMs > nowMs).length
    },
    leases: () => byIp.values(),
    record,
    forget,
    hold(hold) {
      dropHold(hold.mac)
      holdByMac.set(hold.mac, hold)
      holdByIp.set(hold.ip, hold)
    },
    dropHold,
  }
}
