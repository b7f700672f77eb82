import type { AgentHello } from '../../protocol/link.ts'
import { type NodeChange, settle } from './change.ts'
import type { Peer } from './identity/peer.ts'
import type { NodeRecord } from './node-record.ts'
import { applyStageTo } from './timeline.ts'

/** Whether an agent that shows its certificate is the one we know. */
export type ReturnVerdict =
  | { readonly kind: 'welcome'; readonly record: NodeRecord }
  | { readonly kind: 'refused'; readonly message: string }

/** The node after an agent joined with the token of boot `bootId`. A join of another boot ends the one before. */
export function applyJoin(record: NodeRecord, hello: AgentHello, bootId: string, nowMs: number): NodeChange {
  const { kernelBootId, agentPort, agentVersion } = hello
  const joined = { mac: record.mac, stage: 'joined' as const, atMs: nowMs }
  const after: NodeRecord = {
    ...withAddress(record, hello, nowMs),
    boots: applyStageTo(record.boots, bootId, joined),
    join: {
      kernelBootId,
      bootId,
      agentPort,
      agentVersion,
      atMs: nowMs,
      confirmed: false,
      lostAtMs: null,
      lostReason: null,
    },
  }
  return settle(record, after, nowMs, [{ kind: 'joined', kernelBootId }])
}

/** Judges a reconnect: same machine, same run of its kernel as in its certificate and in our record. */
export function judgeReturn(
  record: NodeRecord | undefined,
  hello: AgentHello,
  peer: Peer & { kind: 'node' },
): ReturnVerdict {
  if (record?.id !== peer.nodeId || record.join === null)
    return { kind: 'refused', message: `${peer.nodeId} is not a node of this server; reboot it` }
  if (record.mac !== hello.mac)
    return { kind: 'refused', message: `its certificate is of ${record.mac}, it says it is ${hello.mac}` }
  if (peer.kernelBootId !== hello.kernelBootId || record.join.kernelBootId !== hello.kernelBootId)
    return { kind: 'refused', message: 'its certificate belongs to another boot of this machine' }
  return { kind: 'welcome', record }
}

/** The node after its agent came back in the same boot, be it silent before or not. */
export function applyReturn(record: NodeRecord, hello: AgentHello, nowMs: number): NodeChange {
  const { join } = record
  if (join === null) return { record, events: [] }
  const silentMs = nowMs - (join.lostAtMs ?? nowMs)
  const after: NodeRecord = {
    ...withAddress(record, hello, nowMs),
    join: {
      ...join,
      agentPort: hello.agentPort,
      agentVersion: hello.agentVersion,
      lostAtMs: null,
      lostReason: null,
    },
  }
  return settle(record, after, nowMs, silentMs > 0 ? [{ kind: 'returned', silentMs }] : [])
}

/** The node after `silentMs` without a word. */
export function applyLost(record: NodeRecord, silentMs: number, nowMs: number): NodeChange {
  const { join } = record
  if (join === null || join.lostAtMs !== null) return { record, events: [] }
  const lostReason = `silent for ${Math.round(silentMs / 1000)} s`
  const lastSeenAt = Math.max(record.lastSeenAt, nowMs - silentMs)
  return settle(record, { ...record, lastSeenAt, join: { ...join, lostAtMs: nowMs, lostReason } }, nowMs)
}

/** The node after a person approved it; that holds for all its later boots. */
export function applyApproval(record: NodeRecord, nowMs: number): NodeChange {
  return settle(record, { ...record, approved: true }, nowMs)
}

/** The node after a person let it run empty, or work again; that holds for all its later boots. */
export function applyDrain(record: NodeRecord, draining: boolean, nowMs: number): NodeChange {
  return settle(record, { ...record, draining }, nowMs)
}

function withAddress(record: NodeRecord, { ip, image }: AgentHello, nowMs: number): NodeRecord {
  return { ...record, ip, image: image ?? record.image, lastSeenAt: nowMs }
}
