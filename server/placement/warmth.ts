import type { NodeId } from '../../config/values/node-id.ts'
import { WARM_MS } from './tuning.ts'

/** Commands remembered at once; more than run in {@link WARM_MS} on most clusters, and a bound for the others. */
const COMMANDS_MAX = 4096

/** When a command was last placed on each node, milliseconds since the epoch. */
export type LastRuns = ReadonlyMap<NodeId, number>

/** Where one command ran, and when the runs that were too long ago were last forgotten. */
type Runs = { readonly last: Map<NodeId, number>; sweptMs: number }

/** Where commands ran lately, so that their files are still in the memory of the node; lives as long as the server. */
export class Warmth {
  /** By key; the command that ran longest ago first. */
  readonly #runs = new Map<string, Runs>()

  /** Where the command of this key ran; may hold runs that are too long ago. */
  of(key: string): LastRuns | undefined {
    return this.#runs.get(key)?.last
  }

  /** Remembers a run, and forgets what is too old to matter. */
  note(key: string, node: NodeId, atMs: number): void {
    const runs = this.#runs.get(key) ?? { last: new Map(), sweptMs: atMs }
    this.#runs.delete(key)
    this.#runs.set(key, runs)
    runs.last.set(node, atMs)
    if (atMs - runs.sweptMs > WARM_MS) sweep(runs, atMs)
    if (this.#runs.size <= COMMANDS_MAX) return
    const [oldest] = this.#runs.keys()
    if (oldest !== undefined) this.#runs.delete(oldest)
  }
}

function sweep(runs: Runs, nowMs: number): void {
  for (const [node, lastMs] of runs.last) if (nowMs - lastMs > WARM_MS) runs.last.delete(node)
  runs.sweptMs = nowMs
}
