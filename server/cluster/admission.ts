import type { ErrorCode } from '../../protocol/errors.ts'
import { type AgentHello, LINK_PROTOCOL } from '../../protocol/link.ts'
import type { Log, Now } from '../../protocol/log.ts'
import type { Store } from '../store/store.ts'
import type { Peer } from './identity/peer.ts'
import type { NodeSubject } from './io/certificates.ts'
import { judgeReturn } from './membership.ts'
import { nodeIdOf } from './name.ts'
import type { NodeRecord } from './node-record.ts'
import { consumeToken, type Sha256Hex } from './token-store.ts'

/** By what right an agent is admitted: the token of a boot, or the certificate of the boot it joined with. */
export type Right = { readonly kind: 'token'; readonly bootId: string } | { readonly kind: 'certificate' }

/** What an agent that says hello gets: a place in the cluster (with a certificate where it asked), or a reason. */
export type HelloVerdict =
  | { readonly kind: 'admitted'; readonly by: Right; readonly certificatePem?: string }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }

/** What {@link answerHello} asks; `node` gives the present record of the machine with the hello's MAC. */
export type AdmissionOptions = {
  readonly store: Store
  readonly sha256: Sha256Hex
  readonly now: Now
  readonly log: Log
  node(): NodeRecord | undefined
  issueNode(subject: NodeSubject): Promise<string>
}

/** Admits a fresh boot by its one-time token, a reconnect by its client certificate, and nobody else. */
export async function answerHello(
  hello: AgentHello,
  peer: Peer,
  options: AdmissionOptions,
): Promise<HelloVerdict> {
  if (hello.protocol !== LINK_PROTOCOL)
    return refused(
      'GW_BAD_MESSAGE',
      `this server speaks link protocol ${LINK_PROTOCOL}, the agent ${hello.protocol}`,
    )
  if (peer.kind === 'untrusted') return refused('GW_PEER_UNTRUSTED', peer.reason)
  return peer.kind === 'node' ? admitReturn(hello, peer, options) : admitJoin(hello, options)
}

async function admitReturn(
  hello: AgentHello,
  peer: Peer & { kind: 'node' },
  options: AdmissionOptions,
): Promise<HelloVerdict> {
  const verdict = judgeReturn(options.node(), hello, peer)
  if (verdict.kind === 'refused') return refused('GW_PEER_UNTRUSTED', verdict.message)
  // A node that runs for weeks sends its key again to have its certificate renewed.
  return hello.publicKeyPem === undefined
    ? { kind: 'admitted', by: { kind: 'certificate' } }
    : certify({ kind: 'certificate' }, hello, hello.publicKeyPem, options)
}

async function admitJoin(hello: AgentHello, options: AdmissionOptions): Promise<HelloVerdict> {
  const { token, publicKeyPem, kernelBootId, mac } = hello
  if (token === undefined)
    return refused('GW_TOKEN_UNKNOWN', 'the agent shows neither a join token nor a certificate')
  if (publicKeyPem === undefined)
    return refused('GW_BAD_MESSAGE', 'the agent shows a token but no public key')
  const claim = { mac, publicKeyPem, kernelBootId, atMs: options.now() }
  const verdict = await consumeToken(options.store, options.sha256, token, claim)
  if (verdict.kind === 'refused') return verdict
  // `again`: the welcome, or a server killed before it, may be why the agent asks twice. Once its hardware came
  // the welcome did too, and whoever shows the token now has copied it.
  if (verdict.kind === 'again' && isConfirmed(options.node(), kernelBootId))
    return refused('GW_TOKEN_USED', 'this join token was used by this boot already')
  return certify({ kind: 'token', bootId: verdict.record.bootId }, hello, publicKeyPem, options)
}

async function certify(
  by: Right,
  { mac, kernelBootId, ip }: AgentHello,
  publicKeyPem: string,
  { issueNode, log }: AdmissionOptions,
): Promise<HelloVerdict> {
  try {
    const subject = { nodeId: nodeIdOf(mac), kernelBootId, ip, publicKeyPem }
    return { kind: 'admitted', by, certificatePem: await issueNode(subject) }
  } catch (cause) {
    log.warn({ mac, error: String(cause) }, "an agent's public key cannot be certified")
    return refused(
      'GW_BAD_MESSAGE',
      "the agent's public key cannot be certified: it is no P-256 or Ed25519 key",
    )
  }
}

function isConfirmed(node: NodeRecord | undefined, kernelBootId: string): boolean {
  return node?.join?.kernelBootId === kernelBootId && node.join.confirmed
}

function refused(code: ErrorCode, message: string): HelloVerdict {
  return { kind: 'refused', code, message }
}
