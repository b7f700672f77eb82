import type { Load } from '../../protocol/hardware.ts'
import type { HomeState } from '../../protocol/home.ts'
import type { NodeState, NodeView } from '../../protocol/node.ts'
import type { NodeRecord } from './node-record.ts'
import { bootRecordOf } from './timeline.ts'

/** Where a node stands, and why when that is not plain. */
export type Standing = { readonly state: NodeState; readonly reason: string | null }

/** What is known of a node beside its record and only in memory. `refusal` is the last refused connection. */
export type Liveness = {
  readonly load: Load | null
  readonly home: HomeState | null
  readonly processes: number
  readonly lastSeenAt: number
  readonly refusal: string | null
}

/**
 * Derives where a node stands. DHCP and boot HTTP can be forged by anyone on the LAN, so what they say counts only
 * while no agent of this machine is here: a boot newer than the joined one shows after that agent fell silent.
 */
export function standingOf(record: NodeRecord): Standing {
  const { join } = record
  if (join !== null && join.lostAtMs === null) {
    if (!record.approved)
      return { state: 'pending', reason: `waits for approval: godwit node approve ${record.name}` }
    if (!join.confirmed) return { state: 'booting', reason: null }
    const drained = `takes no new processes: godwit node resume ${record.name}`
    return { state: 'ready', reason: record.draining ? drained : null }
  }
  const boot = record.boots.at(-1)
  if (join !== null && boot?.id === join.bootId) return { state: 'lost', reason: join.lostReason }
  if (boot !== undefined && boot.failure !== null) return { state: 'failed', reason: boot.failure }
  return { state: 'booting', reason: null }
}

/** The node as tools see it. */
export function viewOf(record: NodeRecord, live: Liveness): NodeView {
  const { state, reason } = standingOf(record)
  const boot = record.boots.at(-1)
  return {
    id: record.id,
    name: record.name,
    state,
    reason: live.refusal ?? reason,
    draining: record.draining,
    firmware: record.boots.findLast(({ firmware }) => firmware !== null)?.firmware ?? null,
    mac: record.mac,
    ip: record.ip,
    image: record.image === null ? null : { digest: record.image },
    boot:
      boot === undefined
        ? { startedAt: record.lastSeenAt, readyAt: null, firmware: null, stages: [] }
        : bootRecordOf(boot),
    hardware: record.hardware,
    speed: record.speed,
    load: live.load,
    home: live.home,
    processes: live.processes,
    lastSeenAt: live.lastSeenAt,
  }
}
