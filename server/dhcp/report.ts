import { ipv4FromNumber } from '../../config/values/ipv4.ts'
import type { OnBootEvent } from '../../protocol/boot.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import type { Verdict } from './answer.ts'
import { bootEventOf } from './boot-event.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** Who hears of what was done. */
export type Listeners = {
  readonly log: Log
  readonly count: Count
  readonly onBootEvent: OnBootEvent
  readonly now: Now
  /** Whether a text is due again, so that a flood is one line. */
  readonly isDue: (text: string) => boolean
}

/** Counts, logs and puts on the boot timeline what a request came to. */
export function reportVerdict(to: Listeners, subnet: Subnet, request: Request, verdict: Verdict): void {
  const { decision, turn } = verdict
  const { kind, reason } = decision
  to.count('dhcp', `${kind}: ${reason}`)
  const ip = 'ip' in decision ? decision.ip : decision.kind === 'record' ? decision.lease.ip : undefined
  const fields = { mac: request.mac, ip, stage: turn.stage, reason }
  if (decision.kind === 'exhausted') {
    if (to.isDue(reason)) to.log.warn(fields, exhaustedSentence(reason, subnet))
  } else if (reason === 'declined') to.log.warn(fields, 'another machine uses an address of ours')
  else if (kind === 'ack' || kind === 'nak') to.log.info(fields, `dhcp ${kind}`)
  else to.log.debug(fields, `dhcp ${kind}`)
  if (decision.kind !== 'offer' && decision.kind !== 'ack') return
  const event = bootEventOf(decision, request, turn, to.now())
  if (event !== undefined) to.onBootEvent(event)
}

/** Cause and next step in one sentence. */
function exhaustedSentence(reason: string, { pool }: Subnet): string {
  const range = `${ipv4FromNumber(pool.first)} to ${ipv4FromNumber(pool.last)}`
  return reason === 'no address left'
    ? `no address left to lease in ${range}: widen dhcp.pool or shorten dhcp.leaseSeconds`
    : `half of ${range} is offered and unanswered: look for a machine that makes up addresses, or widen dhcp.pool`
}
