import { NodeId, ProcessId } from '../../../config/values/node-id.ts'
import { heldBytes } from '../../placement/reclaim.ts'
import type { PlaceRequest } from '../../placement/request.ts'
import type { NodeSnapshot, PlacementRules, Reservation } from '../../placement/snapshot.ts'
import type { Host } from '../host.ts'
import type { Run } from '../run.ts'
import type { Job } from '../scenario.ts'

/** The simulated cluster's rules: those of the default configuration, and reports count for as long as they come. */
export const RULES: PlacementRules = {
  memoryCeiling: 0.95,
  defaultMemoryBytes: 128 * 2 ** 20,
  maxReportAgeMs: Number.POSITIVE_INFINITY,
}

/** Ids that were made: a large cluster asks for each of them a million times. */
const nodeIds: NodeId[] = []
const processIds: ProcessId[] = []

/** The node's id in a snapshot. */
export function nodeId(host: number): NodeId {
  const id = nodeIds[host] ?? NodeId.parse(`n-${host.toString(16).padStart(12, '0')}`)
  nodeIds[host] = id
  return id
}

/** The host with this node id. */
export function hostOf(id: NodeId): number {
  return Number.parseInt(id.slice('n-'.length), 16)
}

/** The process' id; digits are letters of its alphabet. */
export function processId(job: Job): ProcessId {
  const id = processIds[job.id] ?? ProcessId.parse(`p-${job.id.toString().padStart(10, '0')}`)
  processIds[job.id] = id
  return id
}

/** What the server is asked. */
export function requestFor(job: Job, nowS: number): PlaceRequest {
  const { command, home } = job
  const asked = { process: processId(job), command, env: {}, atMs: nowS * 1000 }
  return home === null ? asked : { ...asked, home: nodeId(home) }
}

/** The host as placement sees it: its last report, what was promised there, and the speed it is believed to have. */
export function snapshotOf(host: Host, index: number, nowS: number, speed: number): NodeSnapshot {
  const report = host.report(nowS)
  const { name, cores, memoryBytes } = host.machine
  return {
    id: nodeId(index),
    name,
    state: 'ready',
    draining: false,
    image: null,
    speed,
    capacity: cores,
    busyThreads: report.busyThreads,
    memoryTotalBytes: memoryBytes,
    memoryUsedBytes: report.memoryBytes,
    reportedAtMs: report.atS * 1000,
    reservations: host.runs.map(run => reservationOf(run, report.atS)),
  }
}

/** A report knows of the processes that were there when it was made, and of all their work: it measures a moment. */
function reservationOf({ job, pledge, placedS }: Run, reportedAtS: number): Reservation {
  const { threads, memoryBytes, lifeMs } = pledge
  const process = processId(job)
  if (placedS >= reportedAtS) return { process, memoryBytes, threads, lifeMs, reports: 0, usedBytes: null }
  const promised = { memoryBytes, lifeMs, ageMs: (reportedAtS - placedS) * 1000 }
  const usedBytes = job.memoryBytes
  return { process, memoryBytes: heldBytes(promised, usedBytes), threads, lifeMs, reports: 2, usedBytes }
}
