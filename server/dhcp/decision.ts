import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Lease } from './lease.ts'

/** What to do about a request; `reason` is one of a fixed set of short texts. */
export type Decision =
  /** Set `ip` aside and offer it; `isNew` when this machine was not given it before. */
  | {
      readonly kind: 'offer'
      readonly ip: Ipv4
      readonly leaseSeconds: number
      readonly reason: string
      readonly isNew: boolean
    }
  /** Make `lease` durable, then acknowledge. Without `lease` it already is. */
  | {
      readonly kind: 'ack'
      readonly ip: Ipv4
      readonly leaseSeconds: number
      readonly lease: Lease | undefined
      readonly reason: string
    }
  /** Answer with parameters only (INFORM). */
  | { readonly kind: 'inform'; readonly reason: string }
  /** Refuse aloud: the client starts over at once. `reason` also goes on the wire (option 56). */
  | { readonly kind: 'nak'; readonly reason: string }
  /** Make `lease` durable (released or declined) and say nothing. */
  | { readonly kind: 'record'; readonly lease: Lease; readonly reason: string }
  /** The client chose another server: forget our offer and say nothing. */
  | { readonly kind: 'withdraw'; readonly reason: string }
  /** Every address is taken: say nothing to the client, but tell the operator. */
  | { readonly kind: 'exhausted'; readonly reason: string }
  | { readonly kind: 'ignore'; readonly reason: string }
