import type { NodeId } from '../../config/values/node-id.ts'
import type { Candidate, Decision, Demand, Filtered } from '../../protocol/decision.ts'
import { NOTHING_KNOWN } from '../learning/knowledge.ts'
import { prepareDemand } from './demand/prepare.ts'
import { referenceBytes } from './demand/reference.ts'
import { FILTERS, type FilterInput } from './filters.ts'
import type { PlaceRequest } from './request.ts'
import { SCORERS, type ScoreInput } from './scorers.ts'
import { type Snapshot, takenOf } from './snapshot.ts'

/** Where the process runs, or that it cannot; `decision` tells all that was weighed. */
export type Placement =
  | { readonly kind: 'placed'; readonly node: NodeId; readonly decision: Decision; readonly demand: Demand }
  | { readonly kind: 'unplaceable'; readonly decision: Decision }

function filterNode(input: FilterInput): Filtered | undefined {
  for (const { name, test } of FILTERS) {
    const detail = test(input)
    if (detail !== undefined) return { node: input.node.id, name: input.node.name, reason: name, detail }
  }
  return undefined
}

function scoreNode(input: ScoreInput): Candidate {
  const { node, demand } = input
  const terms: Record<string, number> = {}
  let score = 0
  for (const scorer of SCORERS) {
    const term = scorer.score(input)
    terms[scorer.name] = term
    score += term
  }
  return { node: node.id, name: node.name, demand, score, terms }
}

function byScore(a: Candidate, b: Candidate): number {
  return a.score - b.score || (a.node < b.node ? -1 : 1)
}

/**
 * Decides, once, where a process runs: leaves out the nodes that cannot take it, each with its reason, and takes of
 * the others the one where it slows down the least, itself and what runs there. Pure: the same request, snapshot and
 * seed give the same plan, so a decision can be told again long after.
 */
export function place(request: PlaceRequest, snapshot: Snapshot, seed: number): Placement {
  const { nodes, rules, knowledge = NOTHING_KNOWN } = snapshot
  const context = { referenceBytes: referenceBytes(snapshot), rules, knowledge, nowMs: request.atMs }
  const demandOn = prepareDemand(request, context)
  const candidates: Candidate[] = []
  const filtered: Filtered[] = []
  for (const node of nodes) {
    const taken = takenOf(node)
    const demand = demandOn(node)
    const reason = filterNode({ request, node, taken, demand, rules })
    if (reason === undefined) candidates.push(scoreNode({ node, taken, demand, seed }))
    else filtered.push(reason)
  }
  candidates.sort(byScore)
  const [best] = candidates
  const chosen = best?.node ?? null
  const { process, command, atMs } = request
  const decision = { process, command: [...command], atMs, seed, chosen, candidates, filtered }
  return best === undefined
    ? { kind: 'unplaceable', decision }
    : { kind: 'placed', node: best.node, decision, demand: best.demand }
}
