import type { Now } from '../../protocol/log.ts'
import type { Verdict } from './answer.ts'
import type { Hold, Lease } from './lease.ts'
import type { Committed, LeaseStore } from './lease-store.ts'
import type { Request } from './request.ts'

/** Brings table and store to what was decided, before anything is said to the client. */
export type Settling = {
  /** What became of the decision's lease; 'committed' too when there was none to write. */
  settle(request: Request, verdict: Verdict): Promise<Committed>
  /** Makes durable the lease of a node that reports. */
  keep(lease: Lease): Promise<Committed>
}

/**
 * Every address is set aside in memory before its lease is written, so that nobody else is given it meanwhile;
 * a hold outlives the exchange by `offerHoldMs`, for REQUESTs sent again.
 */
export function createSettling({ table, commit }: LeaseStore, offerHoldMs: number, now: Now): Settling {
  const holdFor = (request: Request, { decision, turn }: Verdict, acknowledged: boolean) => {
    if (decision.kind !== 'offer' && decision.kind !== 'ack') return
    const { ip, leaseSeconds } = decision
    const exchange = { mac: request.mac, xid: request.packet.xid, expiresAtMs: now() + offerHoldMs }
    table.hold({ ip, leaseSeconds, ...exchange, ...turn, acknowledged })
  }

  return {
    async settle(request, verdict) {
      const { decision } = verdict
      const lease = decision.kind === 'ack' || decision.kind === 'record' ? decision.lease : undefined
      holdFor(request, verdict, decision.kind === 'ack' && lease === undefined)
      const outcome = lease === undefined ? 'committed' : await commit(lease)
      if (outcome !== 'committed') return outcome
      if (lease !== undefined) holdFor(request, verdict, true)
      if (decision.kind === 'record' || decision.kind === 'withdraw') table.dropHold(request.mac)
      return outcome
    },
    async keep(lease) {
      const { ip, mac } = lease
      const former = table.holdOf(mac, now())
      table.hold(writing(lease, now() + offerHoldMs))
      const outcome = await commit(lease)
      table.dropHold(mac)
      if (former !== undefined && former.ip === ip) table.hold(former)
      return outcome
    },
  }
}

/** The hold of an address whose lease is being written outside any exchange. */
function writing({ ip, mac, stage }: Lease, expiresAtMs: number): Hold {
  return { ip, mac, stage, expiresAtMs, leaseSeconds: 0, xid: 0, boot: undefined, acknowledged: false }
}
