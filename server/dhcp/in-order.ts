/** Runs the jobs of one key one after the other, those of different keys side by side. */
export type InOrder = {
  /**
   * Runs `job(subject)` at once where none of its key waits, else behind those; a job that has more to wait for
   * returns a promise. It must not throw. `false`, and the job is dropped, when `limit` jobs wait already.
   */
  run<T>(key: string, job: (subject: T) => Promise<void> | undefined, subject: T): boolean
  /** Resolves when every job is done, also those that jobs have added. */
  idle(): Promise<void>
}

/** An order of at most `limit` waiting jobs in all; more than that is a flood, and dropping is the answer. */
export function createInOrder(limit: number): InOrder {
  const tails = new Map<string, Promise<void>>()
  let waiting = 0
  const follow = (key: string, work: Promise<void>) => {
    const tail = work.then(() => {
      waiting -= 1
      if (tails.get(key) === tail) tails.delete(key)
    })
    tails.set(key, tail)
  }
  return {
    run(key, job, subject) {
      if (waiting >= limit) return false
      const before = tails.get(key)
      const work = before === undefined ? job(subject) : before.then(() => job(subject))
      if (work === undefined) return true
      waiting += 1
      follow(key, work)
      return true
    },
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values())
    },
  }
}
