import type { NodeId } from '../../config/values/node-id.ts'
import { HistoryBook } from './book.ts'
import { FleetSpeeds } from './fleet.ts'
import type { History } from './history.ts'
import type { Experience, Knowledge } from './knowledge.ts'
import type { Observation } from './observation.ts'
import type { NodeSpeed } from './speed.ts'

/** What one run changed, for whoever keeps it. */
export type Lesson = {
  readonly learned: readonly History[]
  readonly forgotten: readonly string[]
  readonly speed: NodeSpeed | undefined
}

/** Most keys that are remembered: 2,000 windows are a few megabytes. */
export const MAX_KEYS = 2000

/**
 * Everything learned, in memory: fed with ended processes and with placements, it answers decisions at once. Knows no
 * clock and no disk, so a simulation learns by the same code as a server.
 */
export class Learning implements Knowledge {
  readonly book: HistoryBook
  readonly #fleet: FleetSpeeds

  constructor(
    kept: { readonly histories: readonly History[]; readonly speeds: readonly NodeSpeed[] } = NONE,
  ) {
    this.book = new HistoryBook(MAX_KEYS, kept.histories)
    this.#fleet = new FleetSpeeds(kept.speeds)
  }

  /** Learns from a process that ended. */
  note(observation: Observation, nowMs: number): Lesson {
    const logWork = this.#fleet.logWork(observation)
    const speed = this.#fleet.note(observation, logWork, this.book.history(observation.key), nowMs)
    return { ...this.book.note(observation, logWork, nowMs), speed }
  }

  /** A process was placed on `node`. */
  placed(node: NodeId, nowMs: number): void {
    this.#fleet.placed(node, nowMs)
  }

  /** The node has left the cluster for good. */
  forgetNode(node: NodeId): void {
    this.#fleet.forget(node)
  }

  experience(key: string, nowMs: number): Experience | undefined {
    return this.book.experience(key, nowMs)
  }

  speedOf(node: NodeId, benchmark: number, nowMs: number): number {
    return this.#fleet.speedOf(node, benchmark, nowMs)
  }
}

const NONE = { histories: [], speeds: [] }
