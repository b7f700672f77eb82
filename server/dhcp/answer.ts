import type { BootFor } from './boot-client.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import { destinationOf } from './destination.ts'
import { encode } from './encode.ts'
import { type BootTurn, bootTurn } from './frozen-boot.ts'
import { clientIdentity } from './identity.ts'
import type { LeaseView } from './lease.ts'
import { selectSubnet } from './link.ts'
import { MAX_LIMIT_BYTES } from './options/size-limit.ts'
import type { Endpoint, Source } from './packet.ts'
import { readRequest } from './read-request.ts'
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

/** Why a request is dropped that belongs to none of our subnets: mostly a relay that is not configured. */
export const NO_SUBNET = 'no subnet of ours'
/** What the operator is told of it. */
export const NO_SUBNET_SENTENCE =
  'a dhcp request of a network that is not ours: if a relay sent it, add its network to dhcp.relayed'

/** Bytes to request: the half of the packet's way that needs no knowledge of leases. */
export function admit(bytes: Uint8Array, source: Source, subnets: readonly Subnet[]): Admitted {
  const read = readRequest(bytes, source)
  if (read.kind === 'drop') return read
  const { request, flaws } = read
  const subnet = selectSubnet(subnets, request)
  if (subnet === undefined) return { kind: 'drop', reason: NO_SUBNET }
  // A client id is nothing but a number of the client's own; what it sends without one goes by its MAC.
  const identity = subnet.policy.strictClientId ? clientIdentity(request.packet) : undefined
  return {
    kind: 'request',
    request: identity === undefined ? request : { ...request, identity },
    subnet,
    flaws,
  }
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
  const turn = bootTurn(asked, view.holdOf(asked.identity, subnet, nowMs), bootFor)
  const request = turn.stage === asked.stage ? asked : { ...asked, stage: turn.stage }
  const decision = decide(request, subnet, view, nowMs)
  if (
    decision.kind !== 'offer' &&
    decision.kind !== 'ack' &&
    decision.kind !== 'inform' &&
    decision.kind !== 'nak'
  )
    return { decision, turn, datagram: undefined }
  const destination = destinationOf(decision.kind, request, subnet)
  if (destination.kind === 'nowhere')
    return { decision: { kind: 'ignore', reason: destination.reason }, turn, datagram: undefined }
  const bytes = encode(buildReply(decision, request, subnet, turn))
  // A relay's option is given back whole or not at all (RFC 3046 §2.2), and nothing here may be fragmented.
  if (bytes.length > MAX_LIMIT_BYTES)
    return { decision: { kind: 'ignore', reason: 'no room for the reply' }, turn, datagram: undefined }
  return { decision, turn, datagram: { bytes, to: destination.endpoint } }
}
