import type { NodeId } from '../../config/values/node-id.ts'
import { WARM_MS } from './tuning.ts'

/** Commands remembered at once; more than run in {@link WARM_MS} on most clusters, and a bound for the others. */
const COMMANDS_MAX = 4096

/** When a command was last placed on each node, milliseconds since the epoch. */
export type LastRuns = ReadonlyMap<NodeId, number>

/** Where commands ran lately, so that their files are still in the memory of the node; lives as long as the server. */
export class Warmth {
  /** Oldest note first. */
  readonly #runs = new Map<string, Map<NodeId, number>>()

  /** Where the command of this key ran; may hold runs that are too long ago. */
  of(key: string): LastRuns | undefined {
    return this.#runs.get(key)
  }

  /** Remembers a run, and forgets what is too old to matter. */
  note(key: string, node: NodeId, atMs: number): void {
    const runs = this.#runs.get(key) ?? new Map<NodeId, number>()
    this.#runs.delete(key)
    this.#runs.set(key, runs)
    runs.delete(node)
    runs.set(node, atMs)
    for (const [old, lastMs] of runs) {
      if (atMs - lastMs <= WARM_MS) break
      runs.delete(old)
    }
    const [oldest] = this.#runs.keys()
    if (this.#runs.size > COMMANDS_MAX && oldest !== undefined) this.#runs.delete(oldest)
  }
}
