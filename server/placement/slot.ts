import type { ImageDigest, NodeId } from '../../config/values/node-id.ts'
import { fnv1a } from '../fnv1a.ts'
import { type NodeSnapshot, type PlacementRules, type Reservation, takenOf } from './snapshot.ts'
import { MEMORY_BASE, UNKNOWN_LIFE_MS } from './tuning.ts'

/**
 * A node made ready for many decisions: all that does not depend on the request, worked out once per change of the
 * node. Every slot has the same fields in the same order: a decision reads them of thousands of nodes.
 */
export type Slot = {
  readonly node: NodeSnapshot
  readonly id: NodeId
  /** Which of the board's shapes the node has; demand is estimated once per shape. */
  readonly shape: number
  readonly isReady: boolean
  readonly isDraining: boolean
  readonly image: ImageDigest | null
  /** By the server's clock; -Infinity when there was no report in this boot. */
  readonly reportedAtMs: number
  readonly speed: number
  readonly capacity: number
  /** Threads at work or promised. */
  readonly threads: number
  /** How many times slower each of them runs for the others. */
  readonly stretch: number
  /** Processes of ours that share the node. */
  readonly residents: number
  /** How long one of them lives, in the geometric mean, milliseconds. */
  readonly residentLifeMs: number
  /** Memory used or promised, and the most that may be, bytes. */
  readonly memoryBytes: number
  readonly ceilingBytes: number
  /** MEMORY_BASE to the power of the taken share of the memory. */
  readonly memoryPrice: number
  /** What its luck is drawn by. */
  readonly luck: number
}

/** Memory that may be taken on the node, bytes. */
export function ceilingBytes(node: NodeSnapshot, { memoryCeiling }: PlacementRules): number {
  return Math.floor(node.memoryTotalBytes * memoryCeiling)
}

/** How many times slower a thread runs when `threads` share `capacity`. */
export function stretch(threads: number, capacity: number): number {
  return Math.max(1, threads / capacity)
}

/** Lives differ by powers of ten, so their logarithms are averaged. */
function typicalLifeMs(reservations: readonly Reservation[]): number {
  if (reservations.length === 0) return UNKNOWN_LIFE_MS
  let sum = 0
  for (const { lifeMs } of reservations) sum += Math.log(Math.max(1, lifeMs ?? UNKNOWN_LIFE_MS))
  return Math.exp(sum / reservations.length)
}

/** Makes a node ready for decisions by `rules`. */
export function slotOf(node: NodeSnapshot, shape: number, rules: PlacementRules): Slot {
  const taken = takenOf(node)
  return {
    node,
    id: node.id,
    shape,
    isReady: node.state === 'ready',
    isDraining: node.draining,
    image: node.image,
    reportedAtMs: node.reportedAtMs ?? Number.NEGATIVE_INFINITY,
    speed: node.speed,
    capacity: node.capacity,
    threads: taken.threads,
    stretch: stretch(taken.threads, node.capacity),
    residents: node.reservations.length,
    residentLifeMs: typicalLifeMs(node.reservations),
    memoryBytes: taken.memoryBytes,
    ceilingBytes: ceilingBytes(node, rules),
    memoryPrice: MEMORY_BASE ** (taken.memoryBytes / Math.max(1, node.memoryTotalBytes)),
    luck: fnv1a(node.id),
  }
}
