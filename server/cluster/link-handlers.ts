import type { ServerConfig } from '../../config/server.ts'
import type { NodeId } from '../../config/values/node-id.ts'
import type { AgentHello, AgentMessage } from '../../protocol/link.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import type { People } from '../../protocol/people.ts'
import type { Store } from '../store/store.ts'
import { answerHello, type HelloVerdict, type Right } from './admission.ts'
import type { NodeChange } from './change.ts'
import type { Admission, Connection, LinkHandlers } from './connection.ts'
import type { Peer } from './identity/peer.ts'
import type { Identity } from './identity/service.ts'
import { applyHardware, applyStage } from './inventory.ts'
import { applyJoin, applyReturn } from './membership.ts'
import { nodeIdOf } from './name.ts'
import { forgetReport, type LiveNode, type NodeBook } from './node-book.ts'
import type { Orders } from './orders.ts'
import type { ProcessListener } from './process-listener.ts'
import type { RunDesk } from './run-desk.ts'
import type { Sha256Hex } from './token-store.ts'

/** What {@link createLinkHandlers} needs from the cluster around it. */
export type LinkHandlerOptions = {
  readonly config: Pick<ServerConfig, 'cluster'>
  /** What approved nodes are told of the users; nothing without it. */
  readonly people?: (() => People) | undefined
  readonly store: Store
  readonly identity: Pick<Identity, 'issueNode' | 'ticketKeyOf'>
  readonly now: Now
  readonly log: Log
  readonly count: Count
  readonly book: NodeBook
  readonly listeners: readonly ProcessListener[]
  readonly orders: Orders
  readonly desk: RunDesk
  readonly sha256: Sha256Hex
}

/** The cluster's side of the agent link: what each message does to the node it is from. */
export function createLinkHandlers(options: LinkHandlerOptions): LinkHandlers {
  const { book, orders, now, log, count } = options
  /** The node, if this is still its connection; a replaced one may have messages left in its queue. */
  const current = (nodeId: NodeId, connection: Connection): LiveNode | undefined => {
    const node = book.get(nodeId)
    return node?.connection === connection ? node : undefined
  }
  return {
    async admit(hello, peer) {
      const verdict = await verdictOn(hello, peer, options)
      if (verdict.kind === 'refused') return refuse(hello, verdict, options)
      return welcome(verdict.node, hello, verdict.certificatePem, options)
    },
    attach(nodeId, connection) {
      const node = book.get(nodeId)
      node?.connection?.close('a newer connection of this node took over')
      if (node !== undefined) node.connection = connection
    },
    async receive(nodeId, connection, message) {
      const node = current(nodeId, connection)
      if (node === undefined) return
      node.heardAtMs = now()
      try {
        await take(node, connection, message, options)
      } catch (error) {
        count('link', 'message not stored')
        log.error(
          { node: nodeId, type: message.type, error: String(error) },
          "a node's message was not stored",
        )
        // An agent tells what was not acknowledged again after it came back; a report is made anew each second.
        if (message.type !== 'report') connection.close('the server could not store what was told; come back')
      }
    },
    heard(nodeId, connection) {
      const node = current(nodeId, connection)
      if (node !== undefined) node.heardAtMs = now()
    },
    detach(nodeId, connection) {
      orders.drop(connection)
      options.desk.drop(connection)
      const node = current(nodeId, connection)
      if (node !== undefined) node.connection = null
    },
  }
}

type Verdict =
  | (HelloVerdict & { readonly kind: 'refused' })
  | { readonly kind: 'admitted'; readonly node: LiveNode; readonly certificatePem: string | undefined }

async function verdictOn(hello: AgentHello, peer: Peer, options: LinkHandlerOptions): Promise<Verdict> {
  const { store, sha256, now, log, identity, book, listeners } = options
  const { issueNode } = identity
  const find = () => book.get(nodeIdOf(hello.mac))
  try {
    const admission = { store, sha256, now, log, issueNode, node: () => find()?.record }
    const verdict = await answerHello(hello, peer, admission)
    if (verdict.kind === 'refused') return verdict
    const node = find()
    if (node === undefined)
      return {
        kind: 'refused',
        code: 'GW_NODE_UNKNOWN',
        message: 'this machine is not known here; reboot it',
      }
    book.apply(node, joinOrReturn(node, verdict.by, hello, now()))
    if (verdict.by.kind === 'token') forgetReport(node)
    book.touched(node)
    await book.flush()
    for (const listener of listeners) await listener.joined(node.record.id, hello.kernelBootId)
    return { kind: 'admitted', node, certificatePem: verdict.certificatePem }
  } catch (error) {
    log.error({ mac: hello.mac, error: String(error) }, 'a join could not be stored')
    return { kind: 'refused', code: 'GW_STORE', message: 'the server could not store the join; try again' }
  }
}

function joinOrReturn({ record }: LiveNode, by: Right, hello: AgentHello, nowMs: number): NodeChange {
  return by.kind === 'token' ? applyJoin(record, hello, by.bootId, nowMs) : applyReturn(record, hello, nowMs)
}

function welcome(
  node: LiveNode,
  hello: AgentHello,
  certificatePem: string | undefined,
  { identity, config, now, people }: LinkHandlerOptions,
): Admission {
  const { id: nodeId, name, approved } = node.record
  node.refusal = null
  node.heardAtMs = now()
  return {
    kind: 'admitted',
    nodeId,
    welcome: {
      type: 'welcome',
      nodeId,
      name,
      state: approved ? 'ready' : 'pending',
      ...(certificatePem === undefined ? {} : { certificatePem }),
      ticketKey: identity.ticketKeyOf(nodeId, hello.kernelBootId),
      reportSeconds: config.cluster.reportSeconds,
    },
    after: approved && people !== undefined ? [{ type: 'people', people: people() }] : [],
  }
}

function refuse(
  hello: AgentHello,
  { code, message }: HelloVerdict & { kind: 'refused' },
  { book, log, count }: LinkHandlerOptions,
): Admission {
  count('link', `refused: ${code}`)
  log.warn({ mac: hello.mac, ip: hello.ip, code }, `an agent was refused: ${message}`)
  const node = book.get(nodeIdOf(hello.mac))
  if (node !== undefined) node.refusal = `an agent was refused: ${message} (${code})`
  return { kind: 'refused', refused: { type: 'refused', code, message } }
}

async function take(
  node: LiveNode,
  connection: Connection,
  message: AgentMessage,
  { book, orders, desk, listeners, now, count }: LinkHandlerOptions,
): Promise<void> {
  const { id, join } = node.record
  const kernelBootId = join?.kernelBootId ?? ''
  switch (message.type) {
    case 'hello':
      count('link', 'hello twice')
      return
    case 'stage':
      // The server itself dates these two, when it has stored them.
      if (message.stage !== 'joined' && message.stage !== 'ready')
        book.apply(node, applyStage(node.record, message, now()))
      return
    case 'hardware':
      book.apply(node, applyHardware(node.record, message, now()))
      return book.flush()
    case 'report':
      node.load = message.load
      node.home = message.home ?? null
      node.reportedAtMs = now()
      node.processes = message.processes.length
      book.touched(node)
      for (const listener of listeners) await listener.report(id, kernelBootId, message.processes)
      return
    case 'process-started':
      for (const listener of listeners) await listener.started(id, kernelBootId, message)
      return connection.send({ type: 'ack', id: message.id, of: message.type })
    case 'process-ended':
      for (const listener of listeners) await listener.ended(id, kernelBootId, message)
      return connection.send({ type: 'ack', id: message.id, of: message.type })
    case 'answer':
      orders.answer(connection, message)
      return
    case 'run-request':
      desk.ask(connection, message)
      return
    case 'run-cancel':
      desk.cancel(connection, message.requestId)
      return
    case 'run-refused':
      return desk.refused(message.id, message.code, message.message)
  }
}
