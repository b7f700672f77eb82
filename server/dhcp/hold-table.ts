import { type Ipv4, ipv4ToNumber } from '../../config/values/ipv4.ts'
import type { BootAnswer } from './boot-client.ts'
import type { Identity } from './identity.ts'
import type { Hold, Within } from './lease.ts'

/** The addresses set aside in memory. */
export type HoldTable = {
  at(ip: Ipv4, nowMs: number): Hold | undefined
  of(identity: Identity, within: Within, nowMs: number): Hold | undefined
  isHeld(address: number, nowMs: number): boolean
  open(within: Within, nowMs: number): number
  /**
   * Sets an address aside; there is one hold per identity and subnet, the last one. What `at` and `of` gave before may
   * change by it.
   */
  put(hold: Hold): void
  /** Whether there was one. */
  drop(identity: Identity, within: Pick<Within, 'name'>): boolean
}

/** Above this many holds those that ran out are swept once a second, below at once. */
const SWEEP_LAZILY_FROM = 256
const SWEEP_EVERY_MS = 1000

/** The holds of one subnet; `open` counts those that are offers nobody has answered. */
type SubnetHolds = { readonly byOwner: Map<Identity, KeptHold>; open: number; sweptAtMs: number }

/** An empty table. A flood of made-up MACs cannot grow it beyond the pools: an address has one hold. */
export function createHoldTable(): HoldTable {
  const bySubnet = new Map<string, SubnetHolds>()
  const byAddress = new Map<number, KeptHold>()

  const holdsOf = (name: string): SubnetHolds => {
    const known = bySubnet.get(name)
    if (known !== undefined) return known
    const made = { byOwner: new Map(), open: 0, sweptAtMs: Number.NEGATIVE_INFINITY }
    bySubnet.set(name, made)
    return made
  }
  const forget = (hold: Hold) => {
    const holds = holdsOf(hold.subnet)
    holds.byOwner.delete(hold.identity)
    if (!hold.acknowledged) holds.open -= 1
    const address = ipv4ToNumber(hold.ip)
    if (byAddress.get(address) === hold) byAddress.delete(address)
  }
  const sweep = (holds: SubnetHolds, nowMs: number) => {
    if (holds.byOwner.size >= SWEEP_LAZILY_FROM && Math.abs(nowMs - holds.sweptAtMs) < SWEEP_EVERY_MS) return
    holds.sweptAtMs = nowMs
    for (const hold of holds.byOwner.values()) if (hold.expiresAtMs <= nowMs) forget(hold)
  }

  return {
    at: (ip, nowMs) => live(byAddress.get(ipv4ToNumber(ip)), nowMs),
    of: (identity, { name }, nowMs) => live(bySubnet.get(name)?.byOwner.get(identity), nowMs),
    isHeld: (address, nowMs) => live(byAddress.get(address), nowMs) !== undefined,
    open({ name }, nowMs) {
      const holds = holdsOf(name)
      sweep(holds, nowMs)
      return holds.open
    },
    put(hold) {
      const holds = holdsOf(hold.subnet)
      const address = ipv4ToNumber(hold.ip)
      const former = holds.byOwner.get(hold.identity)
      if (former !== undefined && former.ip === hold.ip && byAddress.get(address) === former) {
        if (former.acknowledged !== hold.acknowledged) holds.open += hold.acknowledged ? -1 : 1
        renew(former, hold)
        return
      }
      if (former !== undefined) forget(former)
      const displaced = byAddress.get(address)
      if (displaced !== undefined) forget(displaced)
      const kept = { ...hold, boot: ownCopy(hold.boot) }
      holds.byOwner.set(hold.identity, kept)
      byAddress.set(address, kept)
      if (!hold.acknowledged) holds.open += 1
    },
    drop(identity, { name }) {
      const hold = bySubnet.get(name)?.byOwner.get(identity)
      if (hold !== undefined) forget(hold)
      return hold !== undefined
    },
  }
}

function live(hold: Hold | undefined, nowMs: number): Hold | undefined {
  return hold !== undefined && hold.expiresAtMs > nowMs ? hold : undefined
}

/** A hold of the table's own, which it may change. */
type KeptHold = { -readonly [Name in keyof Hold]: Hold[Name] }

/**
 * Takes over what another exchange of the same machine about the same address says. In place: a hold lives for about as
 * long as the collector needs to call it old, and two new ones an exchange would make its expensive rounds frequent.
 */
function renew(kept: KeptHold, hold: Hold): void {
  if (kept.mac !== hold.mac) kept.mac = hold.mac
  if (!isSameBoot(kept.boot, hold.boot)) kept.boot = ownCopy(hold.boot)
  kept.xid = hold.xid
  kept.expiresAtMs = hold.expiresAtMs
  kept.leaseSeconds = hold.leaseSeconds
  kept.stage = hold.stage
  kept.acknowledged = hold.acknowledged
}

/** What is kept is made here: where most live shortly, V8 makes all of them old once it saw some live long. */
function ownCopy(boot: BootAnswer | undefined): BootAnswer | undefined {
  return boot && { ...boot }
}

function isSameBoot(one: BootAnswer | undefined, other: BootAnswer | undefined): boolean {
  return one?.file === other?.file && one?.nextServer === other?.nextServer && one?.style === other?.style
}
