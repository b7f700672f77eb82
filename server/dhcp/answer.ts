import type { BootFor } from './boot-client.ts'
import { classify } from './classify.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import { decode } from './decode.ts'
import { destinationOf } from './destination.ts'
import { encode } from './encode.ts'
import { type BootTurn, bootTurn } from './frozen-boot.ts'
import type { LeaseView } from './lease.ts'
import { selectSubnet } from './link.ts'
import type { Endpoint, Source } from './packet.ts'
import { buildReply } from './reply.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** A datagram that is a request to us, on a subnet of ours; or the counted reason to drop it. */
export type Admitted =
  | {
      readonly kind: 'request'
      readonly request: Request
      readonly subnet: Subnet
      readonly flaws: readonly string[]
    }
  | { readonly kind: 'drop'; readonly reason: string }

/** Bytes to request: the half of the packet's way that needs no knowledge of leases. */
export function admit(bytes: Uint8Array, source: Source, subnets: readonly Subnet[]): Admitted {
  const decoded = decode(bytes)
  if (decoded.kind === 'malformed') return { kind: 'drop', reason: decoded.reason }
  const classified = classify(decoded.packet, source)
  if (classified.kind === 'refused') return { kind: 'drop', reason: classified.reason }
  const subnet = selectSubnet(subnets, classified.request)
  if (subnet === undefined) return { kind: 'drop', reason: 'no subnet of ours' }
  return { kind: 'request', request: classified.request, subnet, flaws: decoded.flaws }
}

/** The decision with everything needed to carry it out. */
export type Verdict = {
  readonly decision: Decision
  readonly turn: BootTurn
  readonly datagram: { readonly bytes: Uint8Array; readonly to: Endpoint } | undefined
}

/** Request to bytes: decide, build the reply, find where it goes; pure. */
export function answer(
  asked: Request,
  subnet: Subnet,
  view: LeaseView,
  bootFor: BootFor,
  nowMs: number,
): Verdict {
  const turn = bootTurn(asked, view.holdOf(asked.mac, nowMs), bootFor)
  const request = { ...asked, stage: turn.stage }
  const decision = decide(request, subnet, view, nowMs)
  if (
    decision.kind !== 'offer' &&
    decision.kind !== 'ack' &&
    decision.kind !== 'inform' &&
    decision.kind !== 'nak'
  )
    return { decision, turn, datagram: undefined }
  const destination = destinationOf(decision.kind, request)
  if (destination.kind === 'nowhere')
    return { decision: { kind: 'ignore', reason: destination.reason }, turn, datagram: undefined }
  const bytes = encode(buildReply(decision, request, subnet, turn))
  return { decision, turn, datagram: { bytes, to: destination.endpoint } }
}
