import { afterEach, describe, it } from 'vitest'
import type { Store } from '../../server/store/store.ts'
import { createManualClock } from '../fakes/manual-clock.ts'
import type { MakeStore, StoreBench } from './store/bench.ts'
import { describeClosing } from './store/closing.ts'
import { describeExpiry } from './store/expiry.ts'
import { checkAgainstModel } from './store/model.ts'
import { describeTransactions } from './store/transactions.ts'
import { describeValues } from './store/values.ts'
import { describeWatches } from './store/watches.ts'

/** The exam of every {@link Store}; `store.test.ts` runs it on each implementation. */
export function describeStore(name: string, make: MakeStore): void {
  describe(`${name} store`, () => {
    const opened: Store[] = []
    const clock = createManualClock()
    const bench: StoreBench = {
      clock,
      open(keptRevisions) {
        const store = make(clock, keptRevisions)
        opened.push(store)
        return store
      },
    }
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })
    describeValues(bench)
    describeTransactions(bench)
    describeWatches(bench)
    describeExpiry(bench)
    describeClosing(bench)
    it('does what a plain map does, whatever is asked of it', () => checkAgainstModel(make))
  })
}
