import type { NodeId } from '../../config/values/node-id.ts'
import type { Store, StoreWrite } from '../store/store.ts'
import { type Collection, collection } from '../store/typed.ts'
import { History } from './history.ts'
import type { Lesson } from './learning.ts'
import { NodeSpeed } from './speed.ts'

/** What the store remembers, and the keys of records that no longer fit their schema. */
export type Kept = {
  readonly histories: readonly History[]
  readonly speeds: readonly NodeSpeed[]
  readonly broken: readonly { readonly key: string; readonly problem: string }[]
}

/**
 * Collects what was learned until it is written: a key that runs often is written, and checked, once for many runs.
 */
export class Keeper {
  readonly #store: Store
  readonly #histories
  readonly #speeds
  /** By key and by node; `null` is forgotten. */
  readonly #pending = new Map<string, History | null>()
  readonly #pendingSpeeds = new Map<NodeId, NodeSpeed | null>()

  constructor(store: Store) {
    this.#store = store
    this.#histories = collection(store, 'history/', History)
    this.#speeds = collection(store, 'node-speed/', NodeSpeed)
  }

  /** Rejects with GW_STORE when the store cannot be read. */
  async read(): Promise<Kept> {
    const [histories, speeds] = await Promise.all([this.#histories.list(), this.#speeds.list()])
    return {
      histories: histories.found.map(({ value }) => value),
      speeds: speeds.found.map(({ value }) => value),
      broken: [...histories.broken, ...speeds.broken],
    }
  }

  /** Takes in what one run changed. */
  note({ learned, forgotten, speed }: Lesson): void {
    for (const history of learned) this.#pending.set(history.key, history)
    for (const key of forgotten) this.forget(key)
    if (speed !== undefined) this.#pendingSpeeds.set(speed.node, speed)
  }

  forget(key: string): void {
    this.#pending.set(key, null)
  }

  forgetNode(node: NodeId): void {
    this.#pendingSpeeds.set(node, null)
  }

  /** Writes what is pending, all or nothing. Rejects with GW_STORE; it is pending still then, unless learned anew. */
  async write(): Promise<void> {
    const histories = [...this.#pending]
    const speeds = [...this.#pendingSpeeds]
    if (histories.length + speeds.length === 0) return
    this.#pending.clear()
    this.#pendingSpeeds.clear()
    try {
      const writes = [
        // Keys hold blanks and a slash, which keys of the store do not.
        ...histories.map(([key, history]) => writeOf(this.#histories, encodeURIComponent(key), history)),
        ...speeds.map(([node, speed]) => writeOf(this.#speeds, node, speed)),
      ]
      await this.#store.transact([], writes)
    } catch (error) {
      for (const [key, history] of histories) if (!this.#pending.has(key)) this.#pending.set(key, history)
      for (const [node, speed] of speeds)
        if (!this.#pendingSpeeds.has(node)) this.#pendingSpeeds.set(node, speed)
      throw error
    }
  }
}

function writeOf<T>(records: Collection<T>, id: string, value: T | null): StoreWrite {
  return value === null ? { kind: 'delete', key: records.key(id) } : records.putting(id, value)
}
