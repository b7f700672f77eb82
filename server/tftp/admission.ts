import type { Ipv4 } from '../../config/values/ipv4.ts'
import { RateLimit } from '../rate-limit.ts'

/** How much may run and begin, in all and for one address. */
export type TransferLimits = {
  readonly maxTransfers: number
  readonly maxTransfersPerClient: number
  readonly maxRequestsPerSecond: number
  readonly maxRequestsPerSecondPerClient: number
}

/**
 * Whether a new transfer may begin. `full` names whose transfers are too many: one that never answered may make room.
 * A "no" is not answered: the client asks again in a second or two.
 */
export type AdmissionDecision =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'full'; readonly of: 'all' | 'client'; readonly reason: string }

/** Counts the transfers that run and the requests of this second; each question costs the same, however many run. */
export class Admission {
  readonly #limits: TransferLimits
  readonly #requests: RateLimit
  readonly #requestsPerClient: RateLimit
  readonly #running = new Map<Ipv4, number>()
  #total = 0

  constructor(limits: TransferLimits) {
    this.#limits = limits
    this.#requests = new RateLimit(limits.maxRequestsPerSecond)
    this.#requestsPerClient = new RateLimit(limits.maxRequestsPerSecondPerClient)
  }

  /** Whether this second has room for one more request of `client`; counts it. */
  allowsRequest(client: Ipv4, nowMs: number): boolean {
    return this.#requestsPerClient.allows(client, nowMs) && this.#requests.allows('', nowMs)
  }

  /** Whether `client` may begin one more transfer beside those entered. */
  decide(client: Ipv4): AdmissionDecision {
    if ((this.#running.get(client) ?? 0) >= this.#limits.maxTransfersPerClient)
      return { kind: 'full', of: 'client', reason: 'too many transfers of one client' }
    return this.#total >= this.#limits.maxTransfers
      ? { kind: 'full', of: 'all', reason: 'too many transfers' }
      : { kind: 'admitted' }
  }

  /** A transfer of `client` began. */
  enter(client: Ipv4): void {
    this.#total += 1
    this.#running.set(client, (this.#running.get(client) ?? 0) + 1)
  }

  /** One that was entered has ended. */
  leave(client: Ipv4): void {
    const left = (this.#running.get(client) ?? 1) - 1
    this.#total -= 1
    if (left === 0) this.#running.delete(client)
    else this.#running.set(client, left)
  }
}
