import { HistoryExperience } from './experience.ts'
import { type History, learn } from './history.ts'
import { executableOf, GLOBAL_KEY } from './key.ts'
import type { Experience } from './knowledge.ts'
import type { Observation } from './observation.ts'
import { runOf } from './run.ts'

/** What one more run changed: the histories that are new, and the keys that were forgotten to make room. */
export type BookChange = { readonly learned: readonly History[]; readonly forgotten: readonly string[] }

/** The histories of all keys in memory, at most `maxKeys`; the one that ran longest ago is forgotten first. */
export class HistoryBook {
  readonly #maxKeys: number
  /** In the order of their last run, oldest first. */
  readonly #histories = new Map<string, History>()
  readonly #experiences = new Map<string, Experience>()

  constructor(maxKeys: number, kept: readonly History[] = []) {
    this.#maxKeys = maxKeys
    for (const history of [...kept].sort((a, b) => a.lastSeenMs - b.lastSeenMs))
      this.#histories.set(history.key, history)
    this.#makeRoom()
  }

  /** Counts a run for its command, its executable and everything. `logWork` as in `learn`. */
  note(observation: Observation, logWork: number | null, nowMs: number): BookChange {
    const keys = [GLOBAL_KEY, executableOf(observation.key), observation.key]
    const run = runOf(observation, this.experience(observation.key, nowMs))
    const learned = keys.map(key => {
      const history = learn(this.#histories.get(key), key, run, logWork, nowMs)
      this.#histories.delete(key)
      this.#histories.set(key, history)
      this.#experiences.delete(key)
      return history
    })
    return { learned, forgotten: this.#makeRoom() }
  }

  /** What is known of a key; see {@link Experience}. */
  experience(key: string, nowMs: number): Experience | undefined {
    const history = this.#histories.get(key)
    if (history === undefined) return undefined
    const known = this.#experiences.get(key)
    if (known !== undefined && history.raise === 1) return known
    const experience = new HistoryExperience(history, nowMs)
    this.#experiences.set(key, experience)
    return experience
  }

  history(key: string): History | undefined {
    return this.#histories.get(key)
  }

  /** All that is remembered, latest run first. */
  all(): readonly History[] {
    return [...this.#histories.values()].reverse()
  }

  /** Forgets a key; answers whether it was known. */
  forget(key: string): boolean {
    this.#experiences.delete(key)
    return this.#histories.delete(key)
  }

  #makeRoom(): readonly string[] {
    const forgotten: string[] = []
    for (const key of this.#histories.keys()) {
      if (this.#histories.size <= this.#maxKeys) break
      this.forget(key)
      forgotten.push(key)
    }
    return forgotten
  }
}
