import type { Now } from '../../protocol/log.ts'
import type { Verdict } from './answer.ts'
import { holdSecondsFor } from './hold-time.ts'
import { type Hold, type Lease, ownerOf } from './lease.ts'
import type { Committed, LeaseStore } from './lease-store.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** Brings table and store to what was decided, before anything is said to the client. */
export type Settling = {
  /**
   * What became of the decision's lease: at once where there is nothing to write, else when it is on the disk.
   */
  settle(request: Request, subnet: Subnet, verdict: Verdict): Committed | Promise<Committed>
  /** Makes durable the lease of a node that reports. */
  keep(lease: Lease, subnet: Subnet): Promise<Committed>
}

/**
 * Every address is set aside in memory before its lease is written, so that nobody else is given it meanwhile;
 * a hold outlives the exchange by the subnet's `offerHoldSeconds`, for REQUESTs sent again.
 */
export function createSettling({ table, commit }: LeaseStore, now: Now): Settling {
  const holdFor = (request: Request, subnet: Subnet, { decision, turn }: Verdict, acknowledged: boolean) => {
    if (decision.kind !== 'offer' && decision.kind !== 'ack') return
    const { mac, identity, client, packet } = request
    const { stage, boot } = turn
    // An ACK sent again promises nothing new: the exchange ends when it would have.
    if (decision.reason === 'repeated request') return
    table.hold({
      mac,
      identity,
      subnet: subnet.name,
      ip: decision.ip,
      leaseSeconds: decision.leaseSeconds,
      xid: packet.xid,
      expiresAtMs: now() + holdSecondsFor(client, stage, subnet) * 1000,
      stage,
      boot,
      acknowledged,
    })
  }
  const write = async (lease: Lease, request: Request, subnet: Subnet, verdict: Verdict) => {
    const outcome = await commit(lease, subnet)
    if (outcome !== 'committed') return outcome
    holdFor(request, subnet, verdict, true)
    if (verdict.decision.kind === 'record') table.dropHold(request.identity, subnet)
    return outcome
  }

  return {
    settle(request, subnet, verdict) {
      const { decision } = verdict
      const lease = decision.kind === 'ack' || decision.kind === 'record' ? decision.lease : undefined
      holdFor(request, subnet, verdict, decision.kind === 'ack' && lease === undefined)
      if (lease !== undefined) return write(lease, request, subnet, verdict)
      if (decision.kind === 'exhausted' && decision.reason === 'no address left')
        table.markExhausted(subnet, now())
      if (decision.kind === 'withdraw') table.dropHold(request.identity, subnet)
      return 'committed'
    },
    async keep(lease, subnet) {
      const { ip } = lease
      const owner = ownerOf(lease)
      const held = table.holdOf(owner, subnet, now())
      const former = held && { ...held }
      table.hold(writing(lease, subnet, now()))
      const outcome = await commit(lease, subnet)
      table.dropHold(owner, subnet)
      if (former !== undefined && former.ip === ip) table.hold(former)
      return outcome
    },
  }
}

/** The hold of an address whose lease is being written outside any exchange. */
function writing(lease: Lease, { name, policy }: Subnet, nowMs: number): Hold {
  const expiresAtMs = nowMs + policy.offerHoldSeconds * 1000
  const { ip, mac, stage } = lease
  const none = { leaseSeconds: 0, xid: 0, boot: undefined, acknowledged: false }
  return { ip, mac, identity: ownerOf(lease), subnet: name, stage, expiresAtMs, ...none }
}
