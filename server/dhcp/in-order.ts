/** Runs the jobs of one key one after the other, those of different keys side by side. */
export type InOrder = {
  /** Queues a job. The job must not throw. `false`, and the job is dropped, when `limit` jobs wait already. */
  run(key: string, job: () => Promise<void>): boolean
  /** Resolves when every job queued so far is done. */
  idle(): Promise<void>
}

/** An order of at most `limit` waiting jobs in all; more than that is a flood, and dropping is the answer. */
export function createInOrder(limit: number): InOrder {
  const tails = new Map<string, Promise<void>>()
  let waiting = 0
  return {
    run(key, job) {
      if (waiting >= limit) return false
      waiting += 1
      const tail = (tails.get(key) ?? Promise.resolve()).then(job).finally(() => {
        waiting -= 1
        if (tails.get(key) === tail) tails.delete(key)
      })
      tails.set(key, tail)
      return true
    },
    async idle() {
      await Promise.all(tails.values())
    },
  }
}
