import { classify } from './classify.ts'
import { decode } from './decode.ts'
import type { Source } from './packet.ts'
import type { Request } from './request.ts'

/** A datagram as a request with the flaws tolerated in it, or the counted reason to drop it. */
export type ReadRequest =
  | { readonly kind: 'request'; readonly request: Request; readonly flaws: readonly string[] }
  | { readonly kind: 'drop'; readonly reason: string }

/** Bytes to request: all that can be known of a datagram without leases or configuration. */
export function readRequest(bytes: Uint8Array, source: Source): ReadRequest {
  const decoded = decode(bytes)
  if (decoded.kind === 'malformed') return { kind: 'drop', reason: decoded.reason }
  const classified = classify(decoded.packet, source)
  if (classified.kind === 'refused') return { kind: 'drop', reason: classified.reason }
  return { kind: 'request', request: classified.request, flaws: decoded.flaws }
}
