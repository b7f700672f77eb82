import type { NodeId } from '../../config/values/node-id.ts'
import { createRecent } from '../recent.ts'
import { WARM_MS } from './tuning.ts'

/** Commands remembered at once, at most; half of it is more than run in {@link WARM_MS} on most clusters. */
const COMMANDS_MAX = 8192

/** When a command was last placed on each node, milliseconds since the epoch. */
export type LastRuns = ReadonlyMap<NodeId, number>

/** Where one command ran, and when the runs that were too long ago were last forgotten. */
type Runs = { readonly last: Map<NodeId, number>; sweptMs: number }

/** Where commands ran lately, so that their files are still in the memory of the node; lives as long as the server. */
export class Warmth {
  readonly #runs = createRecent<string, Runs>(COMMANDS_MAX)

  /** Where the command of this key ran; may hold runs that are too long ago. */
  of(key: string): LastRuns | undefined {
    return this.#runs.get(key)?.last
  }

  /** Remembers a run, and forgets what is too old to matter. */
  note(key: string, node: NodeId, atMs: number): void {
    const runs = this.#runs.get(key) ?? { last: new Map(), sweptMs: atMs }
    this.#runs.set(key, runs)
    runs.last.set(node, atMs)
    if (atMs - runs.sweptMs > WARM_MS) sweep(runs, atMs)
  }
}

function sweep(runs: Runs, nowMs: number): void {
  for (const [node, lastMs] of runs.last) if (nowMs - lastMs > WARM_MS) runs.last.delete(node)
  runs.sweptMs = nowMs
}
