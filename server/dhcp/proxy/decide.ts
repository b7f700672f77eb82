import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { styleOf } from '../boot-options.ts'
import type { BootTurn } from '../frozen-boot.ts'
import { MESSAGE } from '../options/code.ts'
import type { Request } from '../request.ts'
import { requestState } from '../request-state.ts'

/** What a proxy does about a message on port 67; `reason` is one of a fixed set of short texts. */
export type ProxyDecision =
  | { readonly kind: 'offer'; readonly reason: string }
  | { readonly kind: 'ack'; readonly reason: string }
  | { readonly kind: 'ignore'; readonly reason: string }

/**
 * The decision of a proxyDHCP (PXE 2.1 §2.2): boot information for firmware and loaders, addresses never. Nobody else
 * hears from it, nothing is refused aloud, and a REQUEST for another server is that server's business, but for
 * firmware that has failed with everything else and reads its file from the answers to it (style `request`).
 */
export function decideProxy(request: Request, serverId: Ipv4, turn: BootTurn): ProxyDecision {
  if (turn.stage === 'os') return { kind: 'ignore', reason: 'not a boot client' }
  if (turn.boot === undefined) return { kind: 'ignore', reason: 'nothing to boot' }
  if (request.messageType === MESSAGE.discover) return { kind: 'offer', reason: 'proxy' }
  if (request.messageType !== MESSAGE.request)
    return { kind: 'ignore', reason: 'a message type no proxy serves' }
  if (request.serverId === serverId) return { kind: 'ack', reason: 'asked the proxy' }
  const state = requestState(request)
  if (state.kind === 'selecting' && turn.stage === 'rom' && styleOf(turn).answersRequests)
    return { kind: 'ack', reason: 'last resort' }
  return { kind: 'ignore', reason: 'REQUEST for another server' }
}
