import type { Ask } from './ask.ts'
import { drawn } from './random.ts'
import { type Slot, stretch } from './slot.ts'
import { AWAY, COLD, JITTER, MEMORY_BASE, MEMORY_WEIGHT, OTHERS_WEIGHT } from './tuning.ts'

/** One term of the score, in units of slowdown; lower is better, and never below 0. */
export type Scorer = { readonly name: string; readonly score: (slot: Slot, ask: Ask) => number }

/** How wide the process can become on the node. */
function width({ capacity }: Slot, { threads }: Ask): number {
  return Math.min(threads, capacity)
}

/** Its own stretch, against a node of speed 1 that is wide enough and idle. */
function own(slot: Slot, ask: Ask): number {
  const wide = width(slot, ask)
  return (ask.threads * stretch(slot.threads + wide, slot.capacity)) / (slot.speed * wide)
}

/**
 * What the processes already there lose by it, added up, as shares of their lives: a process that is gone long before
 * they are takes little from them, however crowded it makes their node meanwhile.
 */
function others(slot: Slot, ask: Ask): number {
  const slowdown = stretch(slot.threads + width(slot, ask), slot.capacity) - slot.stretch
  const overlap = Math.min(1, ask.lifeMs / slot.residentLifeMs)
  return OTHERS_WEIGHT * overlap * slot.residents * slowdown
}

/** Memory it takes from whoever comes later, dearer the fuller the node. */
function memory(slot: Slot, ask: Ask): number {
  return (MEMORY_WEIGHT / (MEMORY_BASE - 1)) * slot.memoryPrice * ask.memoryGrowth
}

/** What carrying its streams costs a process that does not run at home: much for a short one, nothing for a long one. */
function remote({ id }: Slot, { home, remoteCost }: Ask): number {
  return home === null || home === id ? 0 : remoteCost
}

/** Of equal nodes, home. */
function away({ id }: Slot, { home }: Ask): number {
  return home === null || home === id ? 0 : AWAY
}

/** Then one where the command ran lately: its files are in memory there. */
function cold({ id }: Slot, { lastRuns, warmSinceMs }: Ask): number {
  return (lastRuns?.get(id) ?? Number.NEGATIVE_INFINITY) >= warmSinceMs ? 0 : COLD
}

/** Breaks ties differently each time, and the same way again for the same seed. */
function jitter(slot: Slot, ask: Ask): number {
  return JITTER * drawn(ask.seed, slot.luck)
}

/**
 * The terms that add up to a score: the marginal slowdown of this placement, own and others'. Decisions take them by
 * name, in {@link termsOf} and {@link scoreOf}, for the reason given at `isBlocked`; a test holds the three together.
 */
export const SCORERS: readonly Scorer[] = [
  { name: 'own', score: own },
  { name: 'others', score: others },
  { name: 'memory', score: memory },
  { name: 'remote', score: remote },
  { name: 'away', score: away },
  { name: 'cold', score: cold },
  { name: 'jitter', score: jitter },
]

/** What each of {@link SCORERS} says, by its name. */
export function termsOf(slot: Slot, ask: Ask): Readonly<Record<string, number>> {
  return {
    own: own(slot, ask),
    others: others(slot, ask),
    memory: memory(slot, ask),
    remote: remote(slot, ask),
    away: away(slot, ask),
    cold: cold(slot, ask),
    jitter: jitter(slot, ask),
  }
}

/**
 * The sum of {@link SCORERS}, in their order, so to the last bit. No term is below 0: a sum over `limit` cannot come
 * back, so the rest is left out then, and what is returned is only some number over `limit`.
 */
export function scoreOf(slot: Slot, ask: Ask, limit: number): number {
  let score = own(slot, ask)
  if (score > limit) return score
  score += others(slot, ask)
  if (score > limit) return score
  score += memory(slot, ask)
  score += remote(slot, ask)
  score += away(slot, ask)
  if (score > limit) return score
  score += cold(slot, ask)
  if (score > limit) return score
  return score + jitter(slot, ask)
}
