import type { RowChange } from './engine.ts'
import { toChange } from './entry.ts'
import type { StoreChange } from './store.ts'

type OnChange = (change: StoreChange) => void

/** One watch: its own queue keeps the order, and a microtask empties it, so no caller runs inside another's call. */
class Watcher {
  readonly prefix: string
  readonly #onChange: OnChange
  readonly #signal: AbortSignal
  readonly #queue: StoreChange[] = []
  readonly #later: (work: () => void) => void
  #draining = false
  #dead = false

  constructor(prefix: string, onChange: OnChange, signal: AbortSignal, later: (work: () => void) => void) {
    this.prefix = prefix
    this.#later = later
    this.#onChange = onChange
    this.#signal = signal
  }

  push(changes: readonly StoreChange[]): void {
    for (const change of changes) this.#queue.push(change)
    if (this.#draining || this.#queue.length === 0) return
    this.#draining = true
    queueMicrotask(() => this.#drain())
  }

  #drain(): void {
    this.#draining = false
    for (const change of this.#queue.splice(0)) {
      if (this.#dead || this.#signal.aborted) return
      try {
        this.#onChange(change)
      } catch (error) {
        this.#dead = true
        this.#later(() => {
          throw error
        })
      }
    }
  }
}

/** All watches of one store. */
export type Watchers = {
  /** Begins a watch that hears `backlog` first. */
  add(prefix: string, backlog: readonly StoreChange[], onChange: OnChange, signal: AbortSignal): void
  /** Tells the committed changes to every watch whose prefix they lie under. */
  publish(changes: readonly RowChange[]): void
  /** Ends all watches. */
  clear(): void
}

function keyOf(change: RowChange): string {
  return change.kind === 'put' ? change.row.key : change.key
}

/**
 * An empty set of watches. What a watch throws is thrown again by `later`, as an EventTarget does: a listener that
 * fails is a bug to be seen, not one to be hidden from whoever made the change.
 */
export function createWatchers(later: (work: () => void) => void = queueMicrotask): Watchers {
  const watchers = new Set<Watcher>()
  return {
    add(prefix, backlog, onChange, signal) {
      if (signal.aborted) return
      const watcher = new Watcher(prefix, onChange, signal, later)
      watchers.add(watcher)
      signal.addEventListener('abort', () => watchers.delete(watcher), { once: true })
      watcher.push(backlog)
    },
    publish(changes) {
      for (const watcher of watchers) {
        const seen = changes.filter(change => keyOf(change).startsWith(watcher.prefix))
        watcher.push(seen.map(toChange))
      }
    },
    clear() {
      watchers.clear()
    },
  }
}
