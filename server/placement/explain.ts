import type { Candidate, Decision, Filtered } from '../../protocol/decision.ts'
import type { Ask } from './ask.ts'
import type { Asks } from './asks.ts'
import { type Choice, isToldWhole } from './choose.ts'
import { FILTERS } from './filters.ts'
import { termsOf } from './scorers.ts'
import type { Contender } from './shortlist.ts'
import type { Slot } from './slot.ts'

/** Nodes told by name for each reason, where there are too many to tell all. */
const EXAMPLES = 3

/** What of a decision is known before. */
export type Question = Pick<Decision, 'process' | 'command' | 'atMs' | 'seed'>

/** A choice in words and terms, from the same filters and scorers that made it. */
export function explain(question: Question, choice: Choice, asks: Asks): Decision {
  const { process, command, atMs, seed } = question
  const { best, candidates, blocked } = choice
  const told = best.map(one => candidateOf(one, asks.of(one.slot.shape)))
  const chosen = told[0]?.node ?? null
  if (isToldWhole(candidates + blocked.length)) {
    const filtered = blocked.map(slot => filteredOf(slot, asks.of(slot.shape)))
    return { process, command, atMs, seed, chosen, candidates: told, filtered }
  }
  const { filtered, reasons } = examplesOf(blocked, asks)
  const omitted = {
    candidates: candidates - told.length,
    filtered: blocked.length - filtered.length,
    reasons,
  }
  return { process, command, atMs, seed, chosen, candidates: told, filtered, omitted }
}

function candidateOf({ slot, score }: Contender, ask: Ask): Candidate {
  return { node: slot.id, name: slot.node.name, demand: ask.demand, score, terms: termsOf(slot, ask) }
}

/** The first few nodes for each reason, and how many more there are, by reason. */
function examplesOf(blocked: readonly Slot[], asks: Asks) {
  const filtered: Filtered[] = []
  const counts = new Map<string, number>()
  for (const slot of blocked) {
    const ask = asks.of(slot.shape)
    const filter = blockerOf(slot, ask)
    const count = (counts.get(filter.name) ?? 0) + 1
    counts.set(filter.name, count)
    if (count <= EXAMPLES) filtered.push(filteredOf(slot, ask, filter))
  }
  const reasons: Record<string, number> = {}
  for (const [name, count] of counts) if (count > EXAMPLES) reasons[name] = count - EXAMPLES
  return { filtered, reasons }
}

function filteredOf(slot: Slot, ask: Ask, { name: reason, detail } = blockerOf(slot, ask)): Filtered {
  return { node: slot.id, name: slot.node.name, reason, detail: detail(slot, ask) }
}

/** The first filter that blocks. Throws RangeError for a node that none blocks: it was not filtered. */
function blockerOf(slot: Slot, ask: Ask) {
  for (const filter of FILTERS) if (filter.blocks(slot, ask)) return filter
  throw new RangeError(`${slot.id} is blocked by no filter`)
}
