import fc from 'fast-check'
import type { Observation } from '../../../server/learning/observation.ts'
import { GIB, MIB, nodeId } from '../placement/fixtures.ts'

/** A run of `sort @0` on the first node: 2 threads, 256 MiB, 10 s; but for `changes`. */
export function observation(changes: Partial<Observation> = {}): Observation {
  return {
    key: 'sort @0',
    node: nodeId(1),
    threads: 2,
    announcedThreads: null,
    peakBytes: 256 * MIB,
    announcedBytes: null,
    lifeMs: 10_000,
    cpuSeconds: 20,
    oomKilled: false,
    capacity: 8,
    benchmark: 1,
    ...changes,
  }
}

/** Any run of `sort @0` that announced nothing. */
export const anyRun: fc.Arbitrary<Observation> = fc
  .record({
    threads: fc.option(fc.double({ min: 0, max: 64, noNaN: true })),
    peakBytes: fc.option(fc.integer({ min: 0, max: 64 * GIB })),
    lifeMs: fc.option(fc.integer({ min: 0, max: 3_600_000 })),
    oomKilled: fc.boolean(),
    capacity: fc.constantFrom(null, 4, 16),
  })
  .map(observation)
