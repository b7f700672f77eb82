import { formatBytes } from '../../config/values/bytes.ts'
import type { Demand } from '../../protocol/decision.ts'
import type { PlaceRequest } from './request.ts'
import type { NodeSnapshot, PlacementRules, Taken } from './snapshot.ts'

/** One question of one node. */
export type FilterInput = {
  readonly request: PlaceRequest
  readonly node: NodeSnapshot
  readonly taken: Taken
  readonly demand: Demand
  readonly rules: PlacementRules
}

/** A reason to leave a node out: `test` returns the details when the node cannot take the process. */
export type Filter = { readonly name: string; readonly test: (input: FilterInput) => string | undefined }

/** Memory that may be taken on the node, bytes. */
export function ceilingBytes(node: NodeSnapshot, { memoryCeiling }: PlacementRules): number {
  return Math.floor(node.memoryTotalBytes * memoryCeiling)
}

function notRequested({ request: { on }, node }: FilterInput): string | undefined {
  return on === undefined || on === node.name || on === node.id ? undefined : `${on} was asked for`
}

function excluded({ request, node }: FilterInput): string | undefined {
  return request.excluded?.includes(node.id) ? 'refused this process before' : undefined
}

function notReady({ node }: FilterInput): string | undefined {
  return node.state === 'ready' ? undefined : `is ${node.state}`
}

function reportStale({ node, rules }: FilterInput): string | undefined {
  if (node.reportAgeMs === null) return 'has not reported yet'
  if (node.reportAgeMs <= rules.maxReportAgeMs) return undefined
  return `last report ${Math.round(node.reportAgeMs)} ms ago, at most ${rules.maxReportAgeMs} ms allowed`
}

function memory({ node, taken, demand, rules }: FilterInput): string | undefined {
  const ceiling = ceilingBytes(node, rules)
  const free = Math.max(0, ceiling - taken.memoryBytes)
  if (demand.memoryBytes <= free) return undefined
  const full = `${formatBytes(taken.memoryBytes)} of ${formatBytes(ceiling)} are taken`
  return `needs ${formatBytes(demand.memoryBytes)}, ${formatBytes(free)} are free (${full})`
}

/** All filters; the first that speaks up names the reason. Names are stable, scripts read them. */
export const FILTERS: readonly Filter[] = [
  { name: 'not-requested', test: notRequested },
  { name: 'excluded', test: excluded },
  { name: 'not-ready', test: notReady },
  { name: 'report-stale', test: reportStale },
  { name: 'memory', test: memory },
]
