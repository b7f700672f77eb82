import fc from 'fast-check'
import { NodeState } from '../../../protocol/node.ts'
import type { PlaceRequest } from '../../../server/placement/request.ts'
import type { NodeSnapshot } from '../../../server/placement/snapshot.ts'
import { GIB, IMAGE, MIB, NOW_MS, node, nodeId, request, reservation } from './fixtures.ts'

const reservations = fc.array(
  fc.record({
    threads: fc.integer({ min: 1, max: 16 }),
    memoryBytes: fc.integer({ min: MIB, max: 4 * GIB }),
    reports: fc.nat(2),
    usedBytes: fc.option(fc.integer({ min: 0, max: 4 * GIB })),
  }),
  { maxLength: 4 },
)
/** What may be said of a node. */
export const anyState: fc.Arbitrary<Partial<NodeSnapshot>> = fc.record({
  state: fc.oneof(
    { weight: 5, arbitrary: fc.constant('ready' as const) },
    fc.constantFrom(...NodeState.options),
  ),
  draining: fc.nat(9).map(luck => luck === 0),
  image: fc.constantFrom(IMAGE, IMAGE, IMAGE, null),
  speed: fc.double({ min: 0.1, max: 3, noNaN: true }),
  capacity: fc.double({ min: 1, max: 32, noNaN: true }),
  busyThreads: fc.double({ min: 0, max: 64, noNaN: true }),
  memoryTotalBytes: fc.integer({ min: 256 * MIB, max: 32 * GIB }),
  memoryUsedBytes: fc.integer({ min: 0, max: 8 * GIB }),
  reportedAtMs: fc.option(fc.integer({ min: NOW_MS - 6000, max: NOW_MS }), { nil: null }),
  reservations: reservations.map(all => all.map((one, index) => reservation(index, one))),
})
/** Up to eight nodes of any kind. */
export const anyNodes = fc
  .array(anyState, { maxLength: 8 })
  .map(all => all.map((one, index) => node(index, one)))
const command = fc.constantFrom(
  'sort',
  'java Main',
  'java -Xmx256m Main',
  'java -XX:MaxRAMPercentage=60 Main',
)
/** A request, often for a JVM, sometimes for one node or without another. */
export const anyRequest: fc.Arbitrary<PlaceRequest> = fc
  .record({
    command,
    memoryBytes: fc.option(fc.integer({ min: MIB, max: 8 * GIB }), { nil: undefined }),
    on: fc.constantFrom(undefined, undefined, 'node-1'),
    home: fc.constantFrom(undefined, nodeId(2)),
    kept: fc.constantFrom(undefined, undefined, nodeId(3)),
    excluded: fc.constantFrom([], [nodeId(0)]),
  })
  .map(({ command: words, memoryBytes, on, home, kept, excluded }) =>
    request(words, {
      excluded,
      ...(home === undefined ? {} : { home }),
      ...(kept === undefined ? {} : { kept }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(on === undefined ? {} : { on }),
    }),
  )
/** Luck. */
export const anySeed = fc.nat()
