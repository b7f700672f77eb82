import type { RowChange } from './engine.ts'

/**
 * The changes of the last `keptRevisions` revisions, for watchers that come back, in memory: it begins anew with each
 * start of a server, as do those who watch.
 */
export class ChangeLog {
  readonly #keptRevisions: number
  #changes: RowChange[] = []
  /** Nothing is known of the changes up to and with this one. */
  #forgottenRevision: number
  #revision: number

  /** A log that knows nothing of what came before `revision`, and of that. */
  constructor(keptRevisions: number, revision: number) {
    this.#keptRevisions = keptRevisions
    this.#forgottenRevision = revision
    this.#revision = revision
  }

  /** The revision of the last change. */
  get revision(): number {
    return this.#revision
  }

  /** Changes up to and with this revision are not known, or no longer. */
  get compactedRevision(): number {
    return Math.max(this.#forgottenRevision, this.#revision - this.#keptRevisions)
  }

  /** Those after `revision`, in order. */
  after(revision: number): readonly RowChange[] {
    return this.#changes.filter(change => revisionOf(change) > revision)
  }

  /** Takes the changes of a revision, which comes after all others. */
  add(changes: readonly RowChange[], revision: number): void {
    this.#revision = revision
    for (const change of changes) this.#changes.push(change)
    // Trimmed only when half of it is stale: an array must not be copied on every write.
    if (revision - this.#forgottenRevision <= 2 * this.#keptRevisions) return
    this.#forgottenRevision = this.compactedRevision
    this.#changes = [...this.after(this.#forgottenRevision)]
  }

  /** Forgets what came after `revision`: it did not happen. */
  takeBack(revision: number): void {
    this.#revision = revision
    this.#changes = this.#changes.filter(change => revisionOf(change) <= revision)
  }
}

function revisionOf(change: RowChange): number {
  return change.kind === 'put' ? change.row.revision : change.revision
}
