import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeState } from '../../../protocol/node.ts'
import { ceilingBytes } from '../../../server/placement/filters.ts'
import { place } from '../../../server/placement/place.ts'
import type { PlaceRequest } from '../../../server/placement/request.ts'
import type { NodeSnapshot } from '../../../server/placement/snapshot.ts'
import { cluster, GIB, MIB, node, nodeId, RULES, request, reservation } from './fixtures.ts'

const reservations = fc.array(
  fc.record({
    threads: fc.integer({ min: 1, max: 16 }),
    memoryBytes: fc.integer({ min: MIB, max: 4 * GIB }),
    acknowledged: fc.boolean(),
    usedBytes: fc.option(fc.integer({ min: 0, max: 4 * GIB })),
  }),
  { maxLength: 4 },
)
const state: fc.Arbitrary<Partial<NodeSnapshot>> = fc.record({
  state: fc.oneof(
    { weight: 5, arbitrary: fc.constant('ready' as const) },
    fc.constantFrom(...NodeState.options),
  ),
  speed: fc.double({ min: 0.1, max: 3, noNaN: true }),
  capacity: fc.double({ min: 1, max: 32, noNaN: true }),
  busyThreads: fc.double({ min: 0, max: 64, noNaN: true }),
  memoryTotalBytes: fc.integer({ min: 256 * MIB, max: 32 * GIB }),
  memoryUsedBytes: fc.integer({ min: 0, max: 8 * GIB }),
  reportAgeMs: fc.option(fc.integer({ min: 0, max: 6000 }), { nil: null }),
  reservations: reservations.map(all => all.map((one, index) => reservation(index, one))),
})
const nodes = fc.array(state, { maxLength: 8 }).map(all => all.map((one, index) => node(index, one)))
const command = fc.constantFrom(
  'sort',
  'java Main',
  'java -Xmx256m Main',
  'java -XX:MaxRAMPercentage=60 Main',
)
const anyRequest: fc.Arbitrary<PlaceRequest> = fc
  .record({
    command,
    memoryBytes: fc.option(fc.integer({ min: MIB, max: 8 * GIB }), { nil: undefined }),
    on: fc.constantFrom(undefined, undefined, 'node-1'),
    excluded: fc.constantFrom([], [nodeId(0)]),
  })
  .map(({ command: words, memoryBytes, on, excluded }) =>
    request(words, {
      excluded,
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(on === undefined ? {} : { on }),
    }),
  )
/** A request whose demand depends on nothing but itself, so that plans over different clusters compare. */
const fixedRequest = fc
  .integer({ min: MIB, max: 4 * GIB })
  .map(memoryBytes => request('java Main', { memoryBytes }))
const seed = fc.nat()

const bestScore = (one: PlaceRequest, all: readonly NodeSnapshot[], luck: number): number =>
  place(one, cluster(...all), luck).decision.candidates[0]?.score ?? Number.POSITIVE_INFINITY

describe('whatever the cluster, a plan', () => {
  it('names exactly one ready node that was not filtered, or none and a reason for each', () => {
    fc.assert(
      fc.property(anyRequest, nodes, seed, (one, all, luck) => {
        const { kind, decision } = place(one, cluster(...all), luck)
        const weighed = [...decision.candidates, ...decision.filtered].map(each => each.node)
        expect(weighed.sort()).toEqual(all.map(({ id }) => id).sort())
        expect(kind === 'placed').toBe(decision.candidates.length > 0)
        if (kind === 'unplaceable') return
        const target = all.find(({ id }) => id === decision.chosen)
        expect(target).toMatchObject({ state: 'ready' })
        expect(one.excluded).not.toContain(target?.id)
        expect(one.on ?? target?.name).toBe(target?.name)
        expect(target?.reportAgeMs).toBeLessThanOrEqual(RULES.maxReportAgeMs)
      }),
    )
  })

  it('never promises more than the ceiling of a node', () => {
    fc.assert(
      fc.property(anyRequest, nodes, seed, (one, all, luck) => {
        const placement = place(one, cluster(...all), luck)
        if (placement.kind === 'unplaceable') return
        const target = all.find(({ id }) => id === placement.node) ?? node(99)
        const promised = target.reservations.reduce((total, each) => total + each.memoryBytes, 0)
        const ceiling = ceilingBytes(target, RULES)
        expect(promised + placement.demand.memoryBytes).toBeLessThanOrEqual(ceiling)
        expect(target.memoryUsedBytes + placement.demand.memoryBytes).toBeLessThanOrEqual(ceiling)
      }),
    )
  })

  it('is the same for the same inputs, in whatever order the nodes come', () => {
    fc.assert(
      fc.property(anyRequest, nodes, seed, (one, all, luck) => {
        const { candidates, chosen } = place(one, cluster(...all), luck).decision
        expect(place(one, cluster(...all.toReversed()), luck).decision).toMatchObject({ candidates, chosen })
      }),
    )
  })

  it('adds up, best first', () => {
    fc.assert(
      fc.property(anyRequest, nodes, seed, (one, all, luck) => {
        const { candidates } = place(one, cluster(...all), luck).decision
        for (const { score, terms } of candidates) {
          const total = Object.values(terms).reduce((sum, term) => sum + term, 0)
          expect(score).toBeCloseTo(total, 9)
          expect(Number.isFinite(score)).toBe(true)
        }
        const scores = candidates.map(({ score }) => score)
        expect(scores).toEqual(scores.toSorted((a, b) => a - b))
      }),
    )
  })
})

describe('a plan never gets worse by', () => {
  it.each<[string, (one: NodeSnapshot) => NodeSnapshot]>([
    ['more memory', one => ({ ...one, memoryTotalBytes: one.memoryTotalBytes * 2 })],
    ['a faster processor', one => ({ ...one, speed: one.speed * 1.5 })],
    ['a wider processor', one => ({ ...one, capacity: one.capacity * 2 })],
    ['less load', one => ({ ...one, busyThreads: one.busyThreads / 2 })],
    ['less memory used', one => ({ ...one, memoryUsedBytes: Math.floor(one.memoryUsedBytes / 2) })],
  ])('%s of a node', (_, improve) => {
    fc.assert(
      fc.property(fixedRequest, nodes, fc.nat(7), seed, (one, all, which, luck) => {
        const better = all.map((each, index) => (index === which ? improve(each) : each))
        expect(bestScore(one, better, luck)).toBeLessThanOrEqual(bestScore(one, all, luck) + 1e-9)
      }),
    )
  })

  it('one more node', () => {
    fc.assert(
      fc.property(fixedRequest, nodes, state, seed, (one, all, more, luck) => {
        const joined = [...all, node(99, more)]
        expect(bestScore(one, joined, luck)).toBeLessThanOrEqual(bestScore(one, all, luck))
      }),
    )
  })
})
