import fc from 'fast-check'
import { expect } from 'vitest'
import type {
  Store,
  StoreChange,
  StoreCondition,
  StoreEntry,
  StoreOutcome,
  StoreWrite,
} from '../../../server/store/store.ts'
import { createManualClock } from '../../fakes/manual-clock.ts'
import type { MakeStore } from './bench.ts'

type Kept = { readonly entry: StoreEntry; readonly expiresAtMs: number }
type Transaction = { readonly conditions: readonly StoreCondition[]; readonly writes: readonly StoreWrite[] }
type Step =
  | { readonly kind: 'batch'; readonly transactions: readonly Transaction[] }
  | { readonly kind: 'wait'; readonly ms: number }

/** The contract said again as plainly as can be: a map, changed in place. Shares no code with the stores. */
class Model {
  entries = new Map<string, Kept>()
  revision = 0

  expire(nowMs: number): void {
    const due = [...this.entries].filter(([, { expiresAtMs }]) => expiresAtMs <= nowMs)
    if (due.length > 0) this.revision += 1
    for (const [key] of due) this.entries.delete(key)
  }

  transact({ conditions, writes }: Transaction): StoreOutcome {
    const versionOf = (key: string): number => this.entries.get(key)?.entry.version ?? 0
    const wrong = conditions.filter(({ key, version }) => versionOf(key) !== version)
    if (wrong.length > 0) return { kind: 'conflict', keys: [...new Set(wrong.map(({ key }) => key))] }
    const revision = this.revision + 1
    for (const write of writes) {
      if (write.kind === 'delete') {
        if (this.entries.delete(write.key)) this.revision = revision
        continue
      }
      const { key, value, expiresAtMs = Number.POSITIVE_INFINITY } = write
      this.entries.set(key, { entry: { key, value, version: versionOf(key) + 1, revision }, expiresAtMs })
      this.revision = revision
    }
    return { kind: 'committed', revision: this.revision }
  }

  list(): StoreEntry[] {
    return [...this.entries.values()].map(({ entry }) => entry).sort((a, b) => (a.key < b.key ? -1 : 1))
  }
}

const key = fc.constantFrom('a/1', 'a/2', 'a/2/x', 'a.b', 'b/1')
const condition = fc.record({ key, version: fc.integer({ min: 0, max: 2 }) })
/** What JSON carries: a -0 becomes 0 on the way. */
const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)))
const write: fc.Arbitrary<StoreWrite> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, value: json }),
  fc.record({
    kind: fc.constant('put' as const),
    key,
    value: fc.nat(9),
    expiresAtMs: fc.integer({ min: 1_000_000, max: 1_000_060 }),
  }),
  fc.record({ kind: fc.constant('delete' as const), key }),
)
const transaction = fc.record({
  conditions: fc.array(condition, { maxLength: 2 }),
  writes: fc.array(write, { maxLength: 4 }),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.array(transaction, { minLength: 1, maxLength: 4 }).map(asBatch) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }).map(ms => ({ kind: 'wait' as const, ms })) },
)

function asBatch(transactions: readonly Transaction[]): Step {
  return { kind: 'batch', transactions }
}

/** Applies what a watch heard to a map, which must then equal what a list says. */
function follow(entries: Map<string, StoreEntry>, change: StoreChange): void {
  if (change.kind === 'put') entries.set(change.entry.key, change.entry)
  else if (change.kind === 'delete') entries.delete(change.key)
  else entries.clear()
}

async function runBoth(make: MakeStore, steps: readonly Step[]): Promise<void> {
  const clock = createManualClock()
  const store: Store = make(clock, 4)
  const model = new Model()
  const followed = new Map<string, StoreEntry>()
  const stop = new AbortController()
  store.watch('', 0, change => follow(followed, change), stop.signal)
  for (const one of steps) {
    if (one.kind === 'wait') clock.advance(one.ms)
    model.expire(clock.now())
    const transactions = one.kind === 'batch' ? one.transactions : [{ conditions: [], writes: [] }]
    const outcomes = Promise.all(
      transactions.map(({ conditions, writes }) => store.transact(conditions, writes)),
    )
    const expected = transactions.map(each => {
      const outcome = model.transact(each)
      model.expire(clock.now())
      return outcome
    })
    expect(await outcomes).toEqual(expected)
    expect(await store.list('')).toEqual(model.list())
    expect(await store.list('a/')).toEqual(model.list().filter(entry => entry.key.startsWith('a/')))
    expect([...followed.values()].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual(model.list())
  }
  await store.close()
}

/** Random transactions and waits on the store and on the model give the same outcomes, lists and watched changes. */
export async function checkAgainstModel(make: MakeStore): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), steps => runBoth(make, steps)),
    { numRuns: 60 },
  )
}
