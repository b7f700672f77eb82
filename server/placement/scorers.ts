import type { Demand } from '../../protocol/decision.ts'
import { uniform } from './random.ts'
import type { NodeSnapshot, Taken } from './snapshot.ts'

/** One possible pair of process and node. */
export type ScoreInput = {
  readonly node: NodeSnapshot
  readonly taken: Taken
  readonly demand: Demand
  readonly seed: number
}

/** One term of the score, in units of slowdown; lower is better. */
export type Scorer = { readonly name: string; readonly score: (input: ScoreInput) => number }

/** Weight of the harm to others: a process met at a random moment has about as long to go as it has run. */
const OTHERS_WEIGHT = 0.5
/** The memory term reaches this on a node that goes from empty to full. */
const MEMORY_WEIGHT = 0.3
/** Steepness of the price of memory: the last bytes of a node cost 16 times the first (E-PVM's exponential cost). */
const MEMORY_BASE = 16
/** Small enough to decide ties only. */
const JITTER = 0.001

/** How many times slower a thread runs when `threads` share `capacity`. */
function stretch(threads: number, capacity: number): number {
  return Math.max(1, threads / capacity)
}

/** How wide the process can become on the node. */
function width({ node, demand }: ScoreInput): number {
  return Math.min(demand.threads, node.capacity)
}

/** Its own stretch, against a node of speed 1 that is wide enough and idle. */
function own(input: ScoreInput): number {
  const { node, taken, demand } = input
  const crowd = stretch(taken.threads + width(input), node.capacity)
  return (demand.threads * crowd) / (node.speed * width(input))
}

/** What the processes already there lose by it, added up. */
function others(input: ScoreInput): number {
  const { node, taken } = input
  const before = taken.threads
  const slowdown = stretch(before + width(input), node.capacity) - stretch(before, node.capacity)
  return OTHERS_WEIGHT * node.reservations.length * slowdown
}

/** Memory it takes from whoever comes later, dearer the fuller the node. */
function memory({ node, taken, demand }: ScoreInput): number {
  const price = (takenShare: number): number => MEMORY_BASE ** takenShare
  const total = node.memoryTotalBytes
  const difference =
    price((taken.memoryBytes + demand.memoryBytes) / total) - price(taken.memoryBytes / total)
  return (MEMORY_WEIGHT / (MEMORY_BASE - 1)) * difference
}

/** Breaks ties differently each time, and the same way again for the same seed. */
function jitter({ node, seed }: ScoreInput): number {
  return JITTER * uniform(seed, node.id)
}

/** The terms that add up to a score: the marginal slowdown of this placement, own and others'. */
export const SCORERS: readonly Scorer[] = [
  { name: 'own', score: own },
  { name: 'others', score: others },
  { name: 'memory', score: memory },
  { name: 'jitter', score: jitter },
]
