import * as z from 'zod'
import { Ipv4 } from '../../config/values/ipv4.ts'
import { Mac } from '../../config/values/mac.ts'
import type { BootAnswer } from './boot-client.ts'
import type { Stage } from './request.ts'

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
  state: z.enum(['bound', 'released', 'declined']),
  /** Who asked last. */
  stage: z.enum(['rom', 'ipxe', 'uefi-http', 'os']),
  expiresAtMs: z.number(),
  /** When the machine last asked or reported. */
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
  readonly xid: number
  readonly expiresAtMs: number
  readonly leaseSeconds: number
  readonly stage: Stage
  readonly boot: BootAnswer | undefined
  /** The lease of this very exchange is on disk: a repeated REQUEST gets the same ACK, nothing is extended. */
  readonly acknowledged: boolean
}

/** What decisions see of the leases; the live table implements it, tests hand in small ones. */
export type LeaseView = {
  leaseAt(ip: Ipv4): Lease | undefined
  /** The machine's bound or released lease; one per machine. */
  leaseOf(mac: Mac): Lease | undefined
  /** Only holds that have not run out at `nowMs`. */
  holdAt(ip: Ipv4, nowMs: number): Hold | undefined
  holdOf(mac: Mac, nowMs: number): Hold | undefined
  /** Offers nobody has answered yet. */
  openOffers(nowMs: number): number
  leases(): Iterable<Lease>
}

/** Whether the lease still binds its address at `nowMs`. */
export function isLive(lease: Lease, nowMs: number): boolean {
  return lease.expiresAtMs > nowMs
}

/** Whether nobody but `mac` has a claim on `ip` at `nowMs`: no live lease, no hold, no quarantine. */
export function isAvailable(view: LeaseView, ip: Ipv4, mac: Mac, nowMs: number): boolean {
  const hold = view.holdAt(ip, nowMs)
  if (hold !== undefined && hold.mac !== mac) return false
  const lease = view.leaseAt(ip)
  if (lease === undefined || !isLive(lease, nowMs)) return true
  return lease.state === 'bound' && lease.mac === mac
}
