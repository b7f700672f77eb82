import { cidrContains } from '../../config/values/cidr.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { OnBootEvent } from '../../protocol/boot.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import { type Admitted, admit, answer, NO_SUBNET, NO_SUBNET_SENTENCE, type Verdict } from './answer.ts'
import type { BootFor } from './boot-client.ts'
import {
  addressToProbe,
  type ConflictProbe,
  isConflict,
  MAX_CANDIDATES,
  quarantined,
  standsOffer,
} from './conflict.ts'
import { decideExtension } from './extend.ts'
import { createInOrder } from './in-order.ts'
import type { Committed, LeaseStore } from './lease-store.ts'
import { createOccasion } from './occasion.ts'
import { SERVER_PORT, type Source } from './packet.ts'
import type { Post } from './post.ts'
import { createRateLimit } from './rate-limit.ts'
import { reportVerdict } from './report.ts'
import type { Request } from './request.ts'
import { createSettling } from './settle.ts'
import type { Subnet } from './subnet.ts'

/** What serving needs; sockets, clock and store are handed in. */
export type ServingNeeds = {
  /** The subnet the link faces, then those behind its relays. */
  readonly subnets: readonly [Subnet, ...Subnet[]]
  readonly leases: LeaseStore
  readonly bootFor: BootFor
  readonly post: Post
  readonly onBootEvent: OnBootEvent
  /** Called with each request before it is answered. */
  readonly heard?: (request: Request) => void
  /** Called with each request that no address was found for. */
  readonly unanswered?: (request: Request) => void
  /** Looks who uses an address before it is offered for the first time; nobody looks without. */
  readonly probe?: ConflictProbe | undefined
  readonly log: Log
  readonly count: Count
  readonly now: Now
}

/** Carries out decisions, in order for each machine: hold in memory, make durable, then send. */
export type Serving = {
  receive(bytes: Uint8Array, source: Source): void
  /** Keeps the lease of a running node; resolves when it is durable, was fresh, or is refused (logged). */
  extend(mac: Mac, ip: Ipv4): Promise<void>
  /** Resolves when everything received so far is dealt with. */
  idle(): Promise<void>
}

/** Jobs waiting in all; a crowd of some thousand PCs switched on at once still fits. */
const MAX_WAITING = 4096
const SAY_AGAIN_AFTER_MS = 60_000

type Accepted = Extract<Admitted, { kind: 'request' }>

/** Joins the pure half (answer.ts) to store and network. Nothing a client sends makes it throw. */
export function createServing(needs: ServingNeeds): Serving {
  const { subnets, leases, bootFor, post, log, count, now } = needs
  const order = createInOrder(MAX_WAITING)
  const withinRate = createRateLimit(now)
  const listeners = { ...needs, isDue: createOccasion(now, SAY_AGAIN_AFTER_MS) }
  const settling = createSettling(leases, now)
  const looking = new Set<Promise<void>>()
  const track = (work: Promise<void>) => {
    const tracked = work.finally(() => looking.delete(tracked))
    looking.add(tracked)
  }

  const drop = (reason: string, source: Source) => {
    count('dhcp', `dropped: ${reason}`)
    if (reason !== NO_SUBNET) log.debug({ reason, from: source.address }, 'dhcp packet dropped')
    else if (listeners.isDue(reason)) log.warn({ from: source.address }, NO_SUBNET_SENTENCE)
  }

  const failed = (mac: Mac, error: unknown) => {
    count('dhcp', 'unanswered: error')
    if (listeners.isDue(String(error)))
      log.error({ mac, error: String(error) }, 'dhcp request could not be answered')
  }

  const finish = (admitted: Accepted, verdict: Verdict, outcome: Committed) => {
    const { request, subnet } = admitted
    if (outcome !== 'committed') return count('dhcp', `unanswered: lease ${outcome}`)
    const { datagram } = verdict
    if (datagram !== undefined)
      post(datagram.bytes, datagram.to, error => error !== null && failed(request.mac, error))
    reportVerdict(listeners, subnet, request, verdict)
  }

  /** Answers at once what needs no write; the promise is that of the write. `tried` counts refused addresses. */
  const respond = (admitted: Accepted, tried = 0): Promise<void> | undefined => {
    const { request, subnet } = admitted
    const verdict = answer(request, subnet, leases.table, bootFor, now())
    if (verdict.decision.kind === 'exhausted') needs.unanswered?.(request)
    const outcome = settling.settle(request, subnet, verdict)
    const newAddress = needs.probe && addressToProbe(verdict.decision, request, subnet)
    if (newAddress !== undefined) {
      // Not in order: the machine's next DISCOVER finds the address set aside and is answered at once.
      track(lookFirst(admitted, verdict, newAddress, tried).catch(error => failed(request.mac, error)))
      return undefined
    }
    if (outcome instanceof Promise) return outcome.then(settled => finish(admitted, verdict, settled))
    finish(admitted, verdict, outcome)
    return undefined
  }

  /** Answers a packet behind the machine's others. */
  const hearAndRespond = (admitted: Accepted) => {
    const { request } = admitted
    try {
      needs.heard?.(request)
      return respond(admitted)?.catch(error => failed(request.mac, error))
    } catch (error) {
      // A defect costs this packet, never the service.
      failed(request.mac, error)
      return undefined
    }
  }

  /** Offers the address if nobody uses it, else puts it into quarantine and tries another. */
  const lookFirst = async (admitted: Accepted, verdict: Verdict, ip: Ipv4, tried: number) => {
    const { request, subnet } = admitted
    const user = await needs.probe?.(ip)
    if (!standsOffer(ip, request, subnet, leases.table, now())) return
    if (!isConflict(user, ip, request, leases.table)) return finish(admitted, verdict, 'committed')
    count('dhcp', 'conflict: somebody uses a free address')
    log.warn({ ip, mac: user }, 'another machine uses an address of ours')
    const another = async () => {
      // The client's REQUEST may have been on its way to the disk: what it was promised stays.
      if (!standsOffer(ip, request, subnet, leases.table, now())) return
      await leases.commit(quarantined(ip, user, subnet, now()), subnet)
      leases.table.dropHold(request.identity, subnet)
      if (tried + 1 < MAX_CANDIDATES) await respond(admitted, tried + 1)
      else count('dhcp', 'unanswered: every address tried is in use')
    }
    order.run(request.mac, () => another().catch(error => failed(request.mac, error)), undefined)
  }

  const keep = async (mac: Mac, ip: Ipv4) => {
    leases.table.report(mac, now())
    const subnet = subnets.find(({ link }) => cidrContains(link, ip)) ?? subnets[0]
    const extension = decideExtension(subnet, leases.table, mac, ip, now())
    if (extension.kind === 'extend') count('dhcp', `extend: ${await settling.keep(extension.lease, subnet)}`)
    if (extension.kind === 'refused' && listeners.isDue(`${mac} ${extension.reason}`))
      log.warn({ mac, ip, reason: extension.reason }, 'the lease of a running node cannot be kept')
  }

  return {
    receive(bytes, source) {
      // Our own broadcasts come back through a bridge.
      if (source.port === SERVER_PORT && subnets[0].ownAddresses.has(source.address))
        return drop('our own packet', source)
      const admitted = admit(bytes, source, subnets)
      if (admitted.kind === 'drop') return drop(admitted.reason, source)
      for (const flaw of admitted.flaws) count('dhcp', `tolerated: ${flaw}`)
      const { mac } = admitted.request
      if (!withinRate(mac)) return drop('too many packets of one machine', source)
      if (!order.run(mac, hearAndRespond, admitted)) drop('too many packets waiting', source)
    },
    extend: (mac, ip) =>
      new Promise(resolve => {
        const kept = () =>
          keep(mac, ip)
            .catch(error => failed(mac, error))
            .finally(resolve)
        if (!order.run(mac, kept, undefined)) resolve()
      }),
    async idle() {
      do {
        await Promise.all(looking)
        await order.idle()
      } while (looking.size > 0)
    },
  }
}
