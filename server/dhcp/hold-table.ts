import { type Ipv4, ipv4ToNumber } from '../../config/values/ipv4.ts'
import type { Identity } from './identity.ts'
import type { Hold, Within } from './lease.ts'

/** The addresses set aside in memory. */
export type HoldTable = {
  at(ip: Ipv4, nowMs: number): Hold | undefined
  of(identity: Identity, within: Within, nowMs: number): Hold | undefined
  isHeld(address: number, nowMs: number): boolean
  open(within: Within, nowMs: number): number
  /** Sets an address aside; there is one hold per identity and subnet, the last one. */
  put(hold: Hold): void
  drop(identity: Identity, within: Pick<Within, 'name'>): void
}

/** Above this many holds those that ran out are swept once a second, below at once. */
const SWEEP_LAZILY_FROM = 256
const SWEEP_EVERY_MS = 1000

/** An empty table. A flood of made-up MACs cannot grow it beyond the pools: an address has one hold. */
export function createHoldTable(): HoldTable {
  const byOwner = new Map<string, Hold>()
  const byAddress = new Map<number, Hold>()
  const openBySubnet = new Map<string, number>()
  let sweptAtMs = Number.NEGATIVE_INFINITY

  const keyOf = (identity: Identity, name: string) => `${name} ${identity}`
  const count = (hold: Hold, by: number) => {
    if (!hold.acknowledged) openBySubnet.set(hold.subnet, (openBySubnet.get(hold.subnet) ?? 0) + by)
  }
  const forget = (hold: Hold) => {
    byOwner.delete(keyOf(hold.identity, hold.subnet))
    const address = ipv4ToNumber(hold.ip)
    if (byAddress.get(address) === hold) byAddress.delete(address)
    count(hold, -1)
  }
  const sweep = (nowMs: number) => {
    if (byOwner.size >= SWEEP_LAZILY_FROM && Math.abs(nowMs - sweptAtMs) < SWEEP_EVERY_MS) return
    sweptAtMs = nowMs
    for (const hold of byOwner.values()) if (hold.expiresAtMs <= nowMs) forget(hold)
  }
  const live = (hold: Hold | undefined, nowMs: number) =>
    hold !== undefined && hold.expiresAtMs > nowMs ? hold : undefined

  return {
    at: (ip, nowMs) => live(byAddress.get(ipv4ToNumber(ip)), nowMs),
    of: (identity, { name }, nowMs) => live(byOwner.get(keyOf(identity, name)), nowMs),
    isHeld: (address, nowMs) => live(byAddress.get(address), nowMs) !== undefined,
    open({ name }, nowMs) {
      sweep(nowMs)
      return openBySubnet.get(name) ?? 0
    },
    put(hold) {
      const former = byOwner.get(keyOf(hold.identity, hold.subnet))
      if (former !== undefined) forget(former)
      const displaced = byAddress.get(ipv4ToNumber(hold.ip))
      if (displaced !== undefined) forget(displaced)
      byOwner.set(keyOf(hold.identity, hold.subnet), hold)
      byAddress.set(ipv4ToNumber(hold.ip), hold)
      count(hold, 1)
    },
    drop(identity, { name }) {
      const hold = byOwner.get(keyOf(identity, name))
      if (hold !== undefined) forget(hold)
    },
  }
}
