import fc from 'fast-check'
import { ProcessId } from '../../../config/values/node-id.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
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

/** A process of 4 s that kept 2 threads busy and came to its own end; but for `changes`. */
export const endedRecord = (changes: Partial<ProcessRecord> = {}): ProcessRecord => ({
  id: ProcessId.parse('p-0000000001'),
  command: ['sort'],
  node: nodeId(1),
  nodeName: 'node-1',
  bootId: 'b',
  home: 'server',
  uid: 0,
  state: 'ended',
  placements: 1,
  reservedBytes: GIB,
  reservedThreads: 1,
  placedAtMs: 0,
  startedAtMs: 1000,
  endedAtMs: 5000,
  pid: 7,
  ending: { exitStatus: 0, signal: null, oomKilled: false },
  usage: { cpuSeconds: 8, memoryBytes: 0, peakMemoryBytes: 100 * MIB, threads: 0, peakThreads: 9 },
  reason: null,
  retryOf: null,
  ...changes,
})
