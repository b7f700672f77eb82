import type { Ask } from './ask.ts'
import type { Asks } from './asks.ts'
import { isBlocked } from './filters.ts'
import { scoreOf } from './scorers.ts'
import { type Contender, Shortlist } from './shortlist.ts'
import type { Slot } from './slot.ts'

/** Clusters up to this size are told node by node; larger ones by the best and by examples. */
const TOLD_WHOLE = 64
/** How many of the best are kept of a larger cluster. */
const TOLD_BEST = 8

/** The outcome over all nodes: the best first; `blocked` could not take the process, in the order of the nodes. */
export type Choice = {
  readonly best: readonly Contender[]
  /** How many could take it, those in `best` included. */
  readonly candidates: number
  readonly blocked: readonly Slot[]
}

/** Looks at every node once: which could take the process, and which of them best. */
export function choose(slots: readonly Slot[], asks: Asks): Choice {
  const shortlist = new Shortlist(slots.length <= TOLD_WHOLE ? TOLD_WHOLE : TOLD_BEST)
  const blocked: Slot[] = []
  let { limit } = shortlist
  let ask: Ask | undefined
  let shape = -1
  for (const slot of slots) {
    if (ask === undefined || slot.shape !== shape) {
      shape = slot.shape
      ask = asks.of(shape)
    }
    if (isBlocked(slot, ask)) {
      blocked.push(slot)
      continue
    }
    const score = scoreOf(slot, ask, limit)
    if (score > limit) continue
    shortlist.offer(slot, score)
    limit = shortlist.limit
  }
  return { best: shortlist.best(), candidates: slots.length - blocked.length, blocked }
}

/** Whether a cluster of this many nodes is told node by node. */
export function isToldWhole(nodes: number): boolean {
  return nodes <= TOLD_WHOLE
}
