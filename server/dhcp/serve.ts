import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { OnBootEvent } from '../../protocol/boot.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import { type Admitted, admit, answer } from './answer.ts'
import type { BootFor } from './boot-client.ts'
import { decideExtension } from './extend.ts'
import { createInOrder } from './in-order.ts'
import type { LeaseStore } from './lease-store.ts'
import { createOccasion } from './occasion.ts'
import { type Endpoint, SERVER_PORT, type Source } from './packet.ts'
import { createRateLimit } from './rate-limit.ts'
import { reportVerdict } from './report.ts'
import { createSettling } from './settle.ts'
import type { Subnet } from './subnet.ts'

/** What serving needs; sockets, clock and store are handed in. */
export type ServingNeeds = {
  readonly subnet: Subnet
  readonly leases: LeaseStore
  readonly bootFor: BootFor
  readonly send: (bytes: Uint8Array, to: Endpoint) => Promise<void>
  readonly onBootEvent: OnBootEvent
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

/** Jobs waiting in all; a crowd of a thousand PCs switched on at once still fits. */
const MAX_WAITING = 1024
const SAY_AGAIN_AFTER_MS = 60_000

/** Joins the pure half (answer.ts) to store and network. Nothing a client sends makes it throw. */
export function createServing(needs: ServingNeeds): Serving {
  const { subnet, leases, bootFor, send, log, count, now } = needs
  const order = createInOrder(MAX_WAITING)
  const withinRate = createRateLimit(now)
  const listeners = { ...needs, isDue: createOccasion(now, SAY_AGAIN_AFTER_MS) }
  const settling = createSettling(leases, subnet.policy.offerHoldSeconds * 1000, now)

  const drop = (reason: string, source: Source) => {
    count('dhcp', `dropped: ${reason}`)
    log.debug({ reason, from: source.address }, 'dhcp packet dropped')
  }

  const respond = async ({ request, subnet: link }: Extract<Admitted, { kind: 'request' }>) => {
    const verdict = answer(request, link, leases.table, bootFor, now())
    const outcome = await settling.settle(request, verdict)
    if (outcome !== 'committed') return count('dhcp', `unanswered: lease ${outcome}`)
    if (verdict.datagram !== undefined) await send(verdict.datagram.bytes, verdict.datagram.to)
    reportVerdict(listeners, link, request, verdict)
  }

  const keep = async (mac: Mac, ip: Ipv4) => {
    const extension = decideExtension(subnet, leases.table, mac, ip, now())
    if (extension.kind === 'extend') count('dhcp', `extend: ${await settling.keep(extension.lease)}`)
    if (extension.kind === 'refused' && listeners.isDue(`${mac} ${extension.reason}`))
      log.warn({ mac, ip, reason: extension.reason }, 'the lease of a running node cannot be kept')
  }

  /** Queues a job behind the machine's others; a defect or a network error costs this job, never the service. */
  const inOrder = (mac: Mac, job: () => Promise<void>): boolean =>
    order.run(mac, () =>
      job().catch(error => {
        count('dhcp', 'unanswered: error')
        log.error({ mac, error: String(error) }, 'dhcp request could not be answered')
      }),
    )

  return {
    receive(bytes, source) {
      // Our own broadcasts come back through a bridge.
      if (source.address === subnet.serverId && source.port === SERVER_PORT)
        return drop('our own packet', source)
      const admitted = admit(bytes, source, [subnet])
      if (admitted.kind === 'drop') return drop(admitted.reason, source)
      for (const flaw of admitted.flaws) count('dhcp', `tolerated: ${flaw}`)
      const { mac } = admitted.request
      if (!withinRate(mac)) return drop('too many packets of one machine', source)
      if (!inOrder(mac, () => respond(admitted))) drop('too many packets waiting', source)
    },
    extend: (mac, ip) =>
      new Promise(resolve => {
        if (!inOrder(mac, () => keep(mac, ip).finally(resolve))) resolve()
      }),
    idle: () => order.idle(),
  }
}
