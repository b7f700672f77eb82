import { NodeId } from '../../../config/values/node-id.ts'

/** The subject of a TLS peer's certificate, as Node's `getPeerCertificate().subject` gives it. */
export type PeerSubject = { readonly CN?: unknown; readonly OU?: unknown }

/**
 * Who a link connection is by its client certificate: `none` (a fresh boot has none yet), `untrusted` (another
 * CA, expired, or not one of a node), or a node in one of its boots.
 */
export type Peer =
  | { readonly kind: 'none' }
  | { readonly kind: 'untrusted'; readonly reason: string }
  | { readonly kind: 'node'; readonly nodeId: NodeId; readonly kernelBootId: string }

/** Reads the peer from what TLS found; `authorizationError` is `undefined` when the chain leads to our CA. */
export function readPeer(subject: PeerSubject | undefined, authorizationError: string | undefined): Peer {
  if (subject === undefined) return { kind: 'none' }
  if (authorizationError !== undefined)
    return { kind: 'untrusted', reason: `its certificate is not of this cluster (${authorizationError})` }
  const nodeId = NodeId.safeParse(subject.CN)
  if (!nodeId.success || typeof subject.OU !== 'string')
    return { kind: 'untrusted', reason: 'its certificate is not one of a node' }
  return { kind: 'node', nodeId: nodeId.data, kernelBootId: subject.OU }
}
