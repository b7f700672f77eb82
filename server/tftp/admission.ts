import type { Ipv4 } from '../../config/values/ipv4.ts'

/** How many transfers may run at once, in all and for one address. */
export type TransferLimits = { readonly maxTransfers: number; readonly maxTransfersPerClient: number }

/** Whether a new transfer may begin. A "no" is not answered: the client asks again in a second or two. */
export type Admission = { readonly kind: 'admitted' } | { readonly kind: 'dropped'; readonly reason: string }

/** Decides over a new transfer of `client` beside those `running` (one address per transfer). */
export function admit(running: readonly Ipv4[], client: Ipv4, limits: TransferLimits): Admission {
  if (running.length >= limits.maxTransfers) return { kind: 'dropped', reason: 'too many transfers' }
  const own = running.filter(address => address === client).length
  return own >= limits.maxTransfersPerClient
    ? { kind: 'dropped', reason: 'too many transfers of one client' }
    : { kind: 'admitted' }
}
