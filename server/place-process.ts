import type { ServerConfig } from '../config/server.ts'
import { place } from './placement/place.ts'
import type { NodeSnapshot, PlacementRules } from './placement/snapshot.ts'
import type { Place, PlaceInput, PlacingNode, Reservation } from './processes/placing.ts'

/** A hardware thread that shares its core adds about a quarter of one (placement research §3.4). */
const SIBLING_SHARE = 0.25
/** Reports missed before a node's figures say nothing any more, and the least time that may take. */
const REPORTS_MISSED = 5
const MIN_REPORT_AGE_MS = 10_000

/** Joins what the cluster and the process ledger know into the snapshot that placement decides by; pure. */
export function placeByScore(config: Pick<ServerConfig, 'placement' | 'cluster'>): Place {
  const rules: PlacementRules = {
    memoryCeiling: config.placement.memoryCeiling,
    defaultMemoryBytes: config.placement.defaultMemory,
    maxReportAgeMs: Math.max(MIN_REPORT_AGE_MS, REPORTS_MISSED * config.cluster.reportSeconds * 1000),
  }
  return input => {
    const { id, request, without, atMs } = input
    const nodes = input.nodes.map(node => snapshotOf(node, input))
    const asked = {
      process: id,
      command: request.command,
      env: request.env,
      atMs,
      ...(request.memoryBytes === undefined ? {} : { memoryBytes: request.memoryBytes }),
      ...(request.on === undefined ? {} : { on: request.on }),
      excluded: without === null ? [] : [without],
    }
    return place(asked, { nodes, rules }, input.seed).decision
  }
}

function snapshotOf(node: PlacingNode, { reservations, atMs }: PlaceInput): NodeSnapshot {
  const { view } = node
  const { hardware, load, speed } = view
  const { cores = 1, threads = 1 } = hardware?.cpu ?? {}
  const totalBytes = load?.memoryTotalBytes ?? hardware?.memory.totalBytes ?? 0
  return {
    id: view.id,
    name: view.name,
    state: view.state,
    speed: speed?.single ?? 1,
    capacity: cores + SIBLING_SHARE * (threads - cores),
    busyThreads: (load?.cpuBusy ?? 0) * threads,
    memoryTotalBytes: totalBytes,
    memoryUsedBytes: totalBytes - (load?.memoryAvailableBytes ?? 0),
    reportAgeMs: node.reportedAtMs === null ? null : atMs - node.reportedAtMs,
    reservations: reservations.filter(held => held.node === view.id).map(held => promised(held, node)),
  }
}

/** A report that is younger than the decision and tells the process' memory has acknowledged it. */
function promised(held: Reservation, node: PlacingNode) {
  return {
    process: held.process,
    memoryBytes: held.reservedBytes,
    threads: Math.max(1, held.threads),
    acknowledged: held.peakMemoryBytes !== null && (node.reportedAtMs ?? 0) > held.placedAtMs,
    usedBytes: held.peakMemoryBytes,
  }
}
