import type { ServerConfig } from '../config/server.ts'
import { toNodeSnapshot } from './placement/measure.ts'
import { place } from './placement/place.ts'
import type { NodeSnapshot, PlacementRules, Reservation as Promised } from './placement/snapshot.ts'
import type { Place, PlaceInput, PlacingNode, Reservation } from './processes/placing.ts'

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
    const asked = {
      process: id,
      command: request.command,
      env: request.env,
      atMs,
      ...(request.memoryBytes === undefined ? {} : { memoryBytes: request.memoryBytes }),
      ...(request.on === undefined ? {} : { on: request.on }),
      excluded: without === null ? [] : [without],
    }
    const nodes = input.nodes.map(node => snapshotOf(node, input))
    return place(asked, { nodes, rules }, input.seed).decision
  }
}

function snapshotOf(node: PlacingNode, { reservations }: PlaceInput): NodeSnapshot {
  const held = reservations.filter(one => one.node === node.view.id).map(one => promised(one, node))
  return toNodeSnapshot({ ...node.view, reportedAtMs: node.reportedAtMs, reservations: held })
}

/** A report that is younger than the decision and tells the process' memory has acknowledged it. */
function promised(held: Reservation, node: PlacingNode): Promised {
  return {
    process: held.process,
    memoryBytes: held.reservedBytes,
    threads: held.threads,
    acknowledged: held.usedBytes !== null && (node.reportedAtMs ?? 0) > held.placedAtMs,
    usedBytes: held.usedBytes,
  }
}
