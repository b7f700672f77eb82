import type { Ipv4 } from '../../config/values/ipv4.ts'
import { ipv4FromNumber } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { OnBootEvent } from '../../protocol/boot.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import { type Admitted, admit, answer, type Verdict } from './answer.ts'
import type { BootFor } from './boot-client.ts'
import { bootEventOf } from './boot-event.ts'
import { decideExtension } from './extend.ts'
import { createInOrder } from './in-order.ts'
import type { Lease } from './lease.ts'
import type { LeaseStore } from './lease-store.ts'
import type { Endpoint, Source } from './packet.ts'
import { createOccasion } from './quiet-log.ts'
import { createRateLimit } from './rate-limit.ts'
import type { Request } from './request.ts'
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

const MAX_WAITING = 1024
const SAY_AGAIN_AFTER_MS = 60_000

/** Joins the pure half (answer.ts) to store and network. Nothing a client sends makes it throw. */
export function createServing(needs: ServingNeeds): Serving {
  const { subnet, leases, bootFor, send, onBootEvent, log, count, now } = needs
  const order = createInOrder(MAX_WAITING)
  const withinRate = createRateLimit(now)
  const isDue = createOccasion(now, SAY_AGAIN_AFTER_MS)

  const drop = (reason: string, source: Source) => {
    count('dhcp', `dropped: ${reason}`)
    log.debug({ reason, from: source.address }, 'dhcp packet dropped')
  }

  /** Sets the address aside first: while the store writes, nobody else may be given it. */
  const holdFor = (request: Request, { decision, turn }: Verdict, acknowledged: boolean) => {
    if (decision.kind !== 'offer' && decision.kind !== 'ack') return
    leases.table.hold({
      ip: decision.ip,
      mac: request.mac,
      xid: request.packet.xid,
      expiresAtMs: now() + subnet.policy.offerHoldSeconds * 1000,
      leaseSeconds: decision.leaseSeconds,
      ...turn,
      acknowledged,
    })
  }

  /** Makes durable what the decision asks for; false when it could not be. */
  const settle = async (request: Request, verdict: Verdict): Promise<boolean> => {
    const { decision } = verdict
    const lease = decision.kind === 'ack' || decision.kind === 'record' ? decision.lease : undefined
    holdFor(request, verdict, decision.kind === 'ack' && lease === undefined)
    if (lease !== undefined) {
      const outcome = await leases.commit(lease)
      if (outcome !== 'committed') {
        count('dhcp', `unanswered: lease ${outcome}`)
        return false
      }
      holdFor(request, verdict, true)
    }
    if (decision.kind === 'record' || decision.kind === 'withdraw') leases.table.dropHold(request.mac)
    return true
  }

  const report = (request: Request, { decision, turn }: Verdict) => {
    const { mac } = request
    count('dhcp', `${decision.kind}: ${decision.reason}`)
    const ip = 'ip' in decision ? decision.ip : undefined
    const fields = { mac, ip, stage: turn.stage, reason: decision.reason }
    if (decision.kind === 'exhausted' && isDue(decision.reason)) log.warn(fields, exhaustedSentence(subnet))
    else if (decision.kind === 'record' && decision.lease.state === 'declined')
      log.warn({ ...fields, ip: decision.lease.ip }, 'another machine uses an address of ours')
    else
      log[decision.kind === 'ack' || decision.kind === 'nak' ? 'info' : 'debug'](
        fields,
        `dhcp ${decision.kind}`,
      )
    const event = bootEventOf(decision, request, turn, now())
    if (event !== undefined) onBootEvent(event)
  }

  const respond = async ({ request, subnet: link }: Extract<Admitted, { kind: 'request' }>) => {
    const verdict = answer(request, link, leases.table, bootFor, now())
    if (!(await settle(request, verdict))) return
    if (verdict.datagram !== undefined) await send(verdict.datagram.bytes, verdict.datagram.to)
    report(request, verdict)
  }

  /** The last net: a defect or a network error costs one answer, never the service. */
  const safely = (mac: Mac, job: () => Promise<void>) => async () => {
    try {
      await job()
    } catch (error) {
      count('dhcp', 'unanswered: error')
      log.error({ mac, error: String(error) }, 'dhcp request could not be answered')
    }
  }

  return {
    receive(bytes, source) {
      // Our own broadcasts come back through a bridge.
      if (source.address === subnet.serverId && source.port === 67) return drop('our own packet', source)
      const admitted = admit(bytes, source, [subnet])
      if (admitted.kind === 'drop') return drop(admitted.reason, source)
      for (const flaw of admitted.flaws) count('dhcp', `tolerated: ${flaw}`)
      const { mac } = admitted.request
      if (!withinRate(mac)) return drop('too many packets of one machine', source)
      if (
        !order.run(
          mac,
          safely(mac, () => respond(admitted)),
        )
      )
        drop('too many packets waiting', source)
    },
    extend: (mac, ip) =>
      new Promise(resolve => {
        const job = async () => {
          const extension = decideExtension(subnet, leases.table, mac, ip, now())
          if (extension.kind === 'extend') count('dhcp', `extend: ${await commitHeld(extension.lease)}`)
          if (extension.kind === 'refused' && isDue(`${mac} ${extension.reason}`))
            log.warn({ mac, ip, reason: extension.reason }, 'the lease of a running node cannot be kept')
        }
        if (!order.run(mac, () => safely(mac, job)().then(resolve))) resolve()
      }),
    idle: () => order.idle(),
  }

  /** As for an ACK: the address is set aside while its lease is written. */
  async function commitHeld(lease: Lease): Promise<string> {
    const { ip, mac, stage } = lease
    const expiresAtMs = now() + subnet.policy.offerHoldSeconds * 1000
    const leaseSeconds = subnet.policy.leaseSeconds
    const former = leases.table.holdOf(mac, now())
    leases.table.hold({
      ip,
      mac,
      stage,
      expiresAtMs,
      leaseSeconds,
      xid: 0,
      boot: undefined,
      acknowledged: true,
    })
    const outcome = await leases.commit(lease)
    if (former === undefined) leases.table.dropHold(mac)
    else leases.table.hold(former)
    return outcome
  }
}

function exhaustedSentence({ pool }: Subnet): string {
  const range = `${ipv4FromNumber(pool.first)} to ${ipv4FromNumber(pool.last)}`
  return `no address left to lease in ${range}: widen dhcp.pool, or release leases of machines that are gone`
}
