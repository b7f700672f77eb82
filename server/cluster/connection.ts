import type * as z from 'zod'
import type { NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { AgentHello, AgentMessage, RunningProcess, ServerMessage } from '../../protocol/link.ts'
import type { NodeView } from '../../protocol/node.ts'
import type { Peer } from './identity/peer.ts'

/** One agent's live connection, as the cluster uses it. Both calls are safe after it closed. */
export type Connection = {
  send(message: ServerMessage): void
  close(reason: string): void
}

/** The answer to a hello: `welcome` or `refused` is what goes back to the agent. */
export type Admission =
  | {
      readonly kind: 'admitted'
      readonly nodeId: NodeId
      readonly welcome: ServerMessage & { type: 'welcome' }
    }
  | { readonly kind: 'refused'; readonly refused: ServerMessage & { type: 'refused' } }

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

/** A process that an agent told of in a report. */
type Running = z.output<typeof RunningProcess>
type StartedMessage = AgentMessage & { type: 'process-started' }
type EndedMessage = AgentMessage & { type: 'process-ended' }

/**
 * Who keeps the processes. Every promise resolves when the news is on disk: only then the agent gets its
 * acknowledgement; a rejection leaves it to tell again.
 */
export type ProcessListener = {
  joined(nodeId: NodeId, kernelBootId: string): Promise<void>
  lost(nodeId: NodeId, reason: string): Promise<void>
  started(nodeId: NodeId, kernelBootId: string, message: StartedMessage): Promise<void>
  ended(nodeId: NodeId, kernelBootId: string, message: EndedMessage): Promise<void>
  report(nodeId: NodeId, kernelBootId: string, running: readonly Running[]): Promise<void>
}

/**
 * A node with what placement and tickets need beside its view. `kernelBootId` is `null` until an agent joined.
 * `present`: the agent of that boot is here, or silent for so short that it is expected back. `connected`: it can be
 * told something now.
 */
export type ClusterNode = {
  readonly view: NodeView
  readonly kernelBootId: string | null
  readonly agentPort: number | null
  readonly present: boolean
  readonly connected: boolean
  readonly reportedAtMs: number | null
}

/** The signal (its name) that a process is to get. */
export type KillOrder = { readonly id: ProcessId; readonly signal: string }
