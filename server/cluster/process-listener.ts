import type { NodeId } from '../../config/values/node-id.ts'
import type { ProcessEnded, ProcessStarted, RunningProcess } from '../../protocol/link.ts'

/**
 * Who keeps the processes. Every promise resolves when the news is on disk: only then the agent gets its
 * acknowledgement; a rejection leaves it to tell again.
 */
export type ProcessListener = {
  joined(nodeId: NodeId, kernelBootId: string): Promise<void>
  lost(nodeId: NodeId, reason: string): Promise<void>
  started(nodeId: NodeId, kernelBootId: string, message: ProcessStarted): Promise<void>
  ended(nodeId: NodeId, kernelBootId: string, message: ProcessEnded): Promise<void>
  report(nodeId: NodeId, kernelBootId: string, running: readonly RunningProcess[]): Promise<void>
}
