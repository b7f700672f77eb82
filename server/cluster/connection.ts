import type { NodeId } from '../../config/values/node-id.ts'
import type { AgentHello, AgentMessage, Refused, ServerMessage, Welcome } from '../../protocol/link.ts'
import type { Peer } from './identity/peer.ts'

/** One agent's live connection, as the cluster uses it. Both calls are safe after it closed. */
export type Connection = {
  send(message: ServerMessage): void
  close(reason: string): void
}

/** The answer to a hello: `welcome` (and what follows `after` it) or `refused` goes back to the agent. */
export type Admission =
  | {
      readonly kind: 'admitted'
      readonly nodeId: NodeId
      readonly welcome: Welcome
      readonly after: readonly ServerMessage[]
    }
  | { readonly kind: 'refused'; readonly refused: Refused }

/** What the link hands to the cluster. None of these reject; `receive` resolves when the message is dealt with. */
export type LinkHandlers = {
  admit(hello: AgentHello, peer: Peer): Promise<Admission>
  /** The connection of an admitted agent; one already there is closed, the newer one wins. */
  attach(nodeId: NodeId, connection: Connection): void
  receive(nodeId: NodeId, connection: Connection, message: AgentMessage): Promise<void>
  /** Any sign of life that is not a message: a pong. */
  heard(nodeId: NodeId, connection: Connection): void
  detach(nodeId: NodeId, connection: Connection): void
}
