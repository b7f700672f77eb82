import * as z from 'zod'
import { Ipv4 } from '../../config/values/ipv4.ts'
import { Mac } from '../../config/values/mac.ts'
import type { BootAnswer } from './boot-client.ts'
import type { Identity } from './identity.ts'
import type { Stage } from './request.ts'
import type { Subnet } from './subnet.ts'

/**
 * One address as the server must remember it across a crash. `bound` until `expiresAtMs` (wall clock), after
 * that kept as history so that the same machine gets the same address again. `released` is a lease the client
 * gave back (it ran out at that moment); `declined` an address somebody else was seen to use, out of service
 * until `expiresAtMs`.
 */
export const Lease = z.object({
  ip: Ipv4,
  /** The machine it belongs to; for `declined`, the one that declined it. */
  mac: Mac,
  /** Whom it belongs to where that is not the MAC: see {@link Identity}. */
  identity: z.string().optional(),
  state: z.enum(['bound', 'released', 'declined']),
  /** Who asked last. */
  stage: z.enum(['rom', 'ipxe', 'uefi-http', 'os']),
  expiresAtMs: z.number(),
  /** When the machine last asked or reported; not written anew for an ACK that needs no write. */
  seenAtMs: z.number(),
  hostName: z.string().optional(),
})
export type Lease = z.output<typeof Lease>

/**
 * An address set aside in memory while a client makes up its mind, or while its lease is being written.
 * It freezes the boot answer, so that a change of configuration between OFFER and ACK cannot make the two
 * differ (EDK2 declines then).
 */
export type Hold = {
  readonly ip: Ipv4
  readonly mac: Mac
  readonly identity: Identity
  /** Name of the subnet it is in. */
  readonly subnet: string
  readonly xid: number
  readonly expiresAtMs: number
  readonly leaseSeconds: number
  readonly stage: Stage
  readonly boot: BootAnswer | undefined
  /** The lease of this very exchange is on disk: a repeated REQUEST gets the same ACK, nothing is extended. */
  readonly acknowledged: boolean
}

/** The part of a subnet that finds the leases in it. */
export type Within = Pick<Subnet, 'name' | 'link'>

/** What decisions see of the leases; the live table implements it, tests hand in small ones. */
export type LeaseView = {
  leaseAt(ip: Ipv4): Lease | undefined
  /** The bound or released lease in this subnet; one per identity. */
  leaseOf(identity: Identity, within: Within): Lease | undefined
  /** Only holds that have not run out at `nowMs`. */
  holdAt(ip: Ipv4, nowMs: number): Hold | undefined
  holdOf(identity: Identity, within: Within, nowMs: number): Hold | undefined
  /** Whether the address (as a number) was never leased, as far as we remember, and nobody holds it. */
  isUntouched(address: number, nowMs: number): boolean
  /** Offers of a subnet nobody has answered yet. */
  openOffers(within: Within, nowMs: number): number
  /** Whether a search of this subnet found nothing a moment ago and nothing was freed since. */
  isExhausted(within: Within, nowMs: number): boolean
  /** Whether a node with this MAC runs: its agent reported within the last seconds. */
  isRunning(mac: Mac, nowMs: number): boolean
  leases(): Iterable<Lease>
}

/** Whom a lease belongs to. */
export function ownerOf(lease: Lease): Identity {
  return lease.identity ?? lease.mac
}

/** Whether the lease still binds its address at `nowMs`. */
export function isLive(lease: Lease, nowMs: number): boolean {
  return lease.expiresAtMs > nowMs
}

/** Whether nobody but `identity` has a claim on `ip` at `nowMs`: no live lease, no hold, no quarantine. */
export function isAvailable(view: LeaseView, ip: Ipv4, identity: Identity, nowMs: number): boolean {
  const hold = view.holdAt(ip, nowMs)
  if (hold !== undefined && hold.identity !== identity) return false
  const lease = view.leaseAt(ip)
  if (lease === undefined || !isLive(lease, nowMs)) return true
  return lease.state === 'bound' && ownerOf(lease) === identity
}

/** What figures say of a lease: its state, and `expired` for one that ran out but still remembers its machine. */
export function leaseStateAt(lease: Pick<Lease, 'state' | 'expiresAtMs'>, nowMs: number): string {
  return lease.state === 'bound' && lease.expiresAtMs <= nowMs ? 'expired' : lease.state
}
