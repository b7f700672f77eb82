import type { ServerConfig } from '../config/server.ts'
import type { NodeId } from '../config/values/node-id.ts'
import { type Knowledge, NOTHING_KNOWN } from './learning/knowledge.ts'
import type { NodeFacts } from './placement/measure.ts'
import { placeOn } from './placement/place.ts'
import { prospectOf } from './placement/queue/prospect.ts'
import type { PlaceRequest } from './placement/request.ts'
import { Roster } from './placement/roster.ts'
import type { PlacementRules } from './placement/snapshot.ts'
import type { PlaceInput, Placer } from './processes/placing.ts'

/** Reports missed before a node's figures say nothing any more, and the least time that may take. */
const REPORTS_MISSED = 5
const MIN_REPORT_AGE_MS = 10_000

/** Placement as the server runs it: told of nodes by the cluster, and of processes by their ledger. */
export type ScorePlacer = Placer & {
  nodeChanged(facts: NodeFacts): void
  nodeForgotten(id: NodeId): void
}

/** Joins what the cluster and the process ledger tell into the board that placement decides on. */
export function placerByScore(
  config: Pick<ServerConfig, 'placement' | 'cluster'>,
  knowledge: Knowledge = NOTHING_KNOWN,
): ScorePlacer {
  const rules: PlacementRules = {
    memoryCeiling: config.placement.memoryCeiling,
    defaultMemoryBytes: config.placement.defaultMemory,
    maxReportAgeMs: Math.max(MIN_REPORT_AGE_MS, REPORTS_MISSED * config.cluster.reportSeconds * 1000),
  }
  const roster = new Roster(rules, knowledge)
  const { warmth } = roster.board
  const watchers: (() => void)[] = []
  const changed = () => {
    for (const watcher of watchers) watcher()
  }
  return {
    nodeChanged(facts) {
      roster.put(facts)
      changed()
    },
    nodeForgotten: id => roster.remove(id),
    watch: watcher => void watchers.push(watcher),
    place(input) {
      const { board } = roster
      return placeOn(asked(input, board.idOf(input.request.home)), board, input.seed).decision
    },
    prospect(input) {
      const { board } = roster
      return prospectOf(asked(input, board.idOf(input.request.home)), board, id => roster.systemBytes(id))
    },
    hold({ id, node, reservedBytes, reservedThreads, placedAtMs }, demand) {
      const lifeMs = demand?.lifeMs ?? null
      roster.hold({
        process: id,
        node,
        memoryBytes: reservedBytes,
        threads: reservedThreads,
        placedAtMs,
        lifeMs,
      })
      if (demand !== null) warmth.note(demand.key, node, placedAtMs)
    },
    release({ id, node }, nowMs) {
      roster.release({ process: id, node }, nowMs)
      changed()
    },
    report(node, running, nowMs) {
      const uses = running.map(({ id, usage }) => ({ process: id, usedBytes: usage.memoryBytes }))
      roster.report(node, uses, nowMs)
      changed()
    },
  }
}

/** The request in the words of placement. */
function asked({ id, request, without, kept, atMs }: PlaceInput, home: NodeId | undefined): PlaceRequest {
  const { command, env, argFiles, uid, memoryBytes, threads, on } = request
  return {
    process: id,
    command,
    env,
    uid,
    atMs,
    argFiles: argFiles && new Map(Object.entries(argFiles)),
    memoryBytes,
    threads,
    on,
    home,
    kept: kept ?? undefined,
    excluded: without === null ? undefined : [without],
  }
}
