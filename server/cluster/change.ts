import type { NodeState } from '../../protocol/node.ts'
import type { NodeRecord } from './node-record.ts'
import { standingOf } from './standing.ts'
import { applyStageTo, hasStage } from './timeline.ts'

/** What happened to a node, for the log and for whoever follows. */
export type NodeEvent =
  | { readonly kind: 'boot'; readonly bootId: string }
  | { readonly kind: 'joined'; readonly kernelBootId: string }
  | { readonly kind: 'returned'; readonly silentMs: number }
  | {
      readonly kind: 'state'
      readonly from: NodeState
      readonly to: NodeState
      readonly reason: string | null
    }

/** A node after a message, and what that meant. */
export type NodeChange = { readonly record: NodeRecord; readonly events: readonly NodeEvent[] }

/**
 * Completes a change: dates the stage `ready` when the node just became it, and adds the change of state, so that
 * no caller has to compare.
 */
export function settle(
  before: NodeRecord,
  after: NodeRecord,
  nowMs: number,
  events: readonly NodeEvent[] = [],
): NodeChange {
  const from = standingOf(before).state
  const { state: to, reason } = standingOf(after)
  const record = to === 'ready' ? markReady(after, nowMs) : after
  return { record, events: from === to ? events : [...events, { kind: 'state', from, to, reason }] }
}

function markReady(record: NodeRecord, nowMs: number): NodeRecord {
  const boot = record.boots.find(({ id }) => id === record.join?.bootId)
  if (boot === undefined || hasStage(boot, 'ready')) return record
  const event = { mac: record.mac, stage: 'ready' as const, atMs: nowMs }
  return { ...record, boots: applyStageTo(record.boots, boot.id, event) }
}
