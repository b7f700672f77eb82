import type { BootEvent } from '../../protocol/boot.ts'
import type { HardwareReport, StageSeen } from '../../protocol/link.ts'
import { type NodeChange, settle } from './change.ts'
import type { NodeRecord } from './node-record.ts'
import { applyBootEvent, applyStageTo } from './timeline.ts'

/** The node after something was seen of its boot on the wire. */
export function applyBoot(record: NodeRecord, event: BootEvent): NodeChange {
  const boots = applyBootEvent(record.boots, event)
  const lastSeenAt = Math.max(record.lastSeenAt, event.atMs)
  const id = boots.at(-1)?.id ?? ''
  const isNew = record.boots.at(-1)?.id !== id
  const after = { ...record, boots, lastSeenAt, ip: addressAfter(record, event) }
  return settle(record, after, event.atMs, isNew ? [{ kind: 'boot', bootId: id }] : [])
}

/**
 * The node after its agent told a stage. Its clock may be years off, so a time outside the span from the start of
 * the boot to now is replaced by now.
 */
export function applyStage(
  record: NodeRecord,
  { stage, atMs, detail }: StageSeen,
  nowMs: number,
): NodeChange {
  const boot = record.boots.find(({ id }) => id === record.join?.bootId)
  if (boot === undefined) return { record, events: [] }
  const told = atMs >= boot.startedAt && atMs <= nowMs ? atMs : nowMs
  const event: BootEvent = { mac: record.mac, stage, atMs: told, ...(detail === undefined ? {} : { detail }) }
  return settle(record, { ...record, boots: applyStageTo(record.boots, boot.id, event) }, nowMs)
}

/** The node after its agent told its hardware and speed; that completes its join. */
export function applyHardware(
  record: NodeRecord,
  { hardware, speed }: HardwareReport,
  nowMs: number,
): NodeChange {
  const join = record.join === null ? null : { ...record.join, confirmed: true }
  return settle(record, { ...record, hardware, speed, join, lastSeenAt: nowMs }, nowMs)
}

/** While its agent is here, a node's address is what the agent says, not what a DHCP packet claims. */
function addressAfter(record: NodeRecord, event: BootEvent): NodeRecord['ip'] {
  const isHere = record.join !== null && record.join.lostAtMs === null
  return isHere ? record.ip : (event.ip ?? record.ip)
}
