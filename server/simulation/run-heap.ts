import type { Run } from './run.ts'

/** Runs of one host by the virtual time they end at, soonest first: a binary heap that knows where each run is. */
export class RunHeap {
  readonly #runs: Run[] = []

  /** All runs, in no order that means anything. */
  get all(): readonly Run[] {
    return this.#runs
  }

  first(): Run | undefined {
    return this.#runs[0]
  }

  add(run: Run): void {
    this.#runs.push(run)
    this.#up(run, this.#runs.length - 1)
  }

  /** The run must be in this heap. */
  remove(run: Run): void {
    const at = run.heapIndex
    const last = this.#runs.pop()
    run.heapIndex = -1
    if (last === undefined || last === run) return
    const parent = this.#runs[(at - 1) >> 1]
    if (at > 0 && parent !== undefined && parent.endsAt > last.endsAt) this.#up(last, at)
    else this.#down(last, at)
  }

  #put(run: Run, at: number): void {
    this.#runs[at] = run
    run.heapIndex = at
  }

  #up(run: Run, from: number): void {
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = this.#runs[above]
      if (parent === undefined || parent.endsAt <= run.endsAt) break
      this.#put(parent, at)
      at = above
    }
    this.#put(run, at)
  }

  #down(run: Run, from: number): void {
    let at = from
    for (;;) {
      const left = this.#runs[2 * at + 1]
      const right = this.#runs[2 * at + 2]
      const child = left !== undefined && right !== undefined && right.endsAt < left.endsAt ? right : left
      if (child === undefined || child.endsAt >= run.endsAt) break
      const next = child.heapIndex
      this.#put(child, at)
      at = next
    }
    this.#put(run, at)
  }
}
