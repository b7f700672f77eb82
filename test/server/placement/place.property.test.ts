import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { place } from '../../../server/placement/place.ts'
import type { PlaceRequest } from '../../../server/placement/request.ts'
import { ceilingBytes } from '../../../server/placement/slot.ts'
import type { NodeSnapshot } from '../../../server/placement/snapshot.ts'
import { anyNodes, anyRequest, anySeed, anyState } from './arbitraries.ts'
import { cluster, GIB, MIB, NOW_MS, node, RULES, request } from './fixtures.ts'

/** A request whose demand depends on nothing but itself, so that plans over different clusters compare. */
const fixedRequest = fc
  .integer({ min: MIB, max: 4 * GIB })
  .map(memoryBytes => request('java Main', { memoryBytes }))

const bestScore = (one: PlaceRequest, all: readonly NodeSnapshot[], luck: number): number =>
  place(one, cluster(...all), luck).decision.candidates[0]?.score ?? Number.POSITIVE_INFINITY

describe('whatever the cluster, a plan', () => {
  it('names exactly one ready node that was not filtered, or none and a reason for each', () => {
    fc.assert(
      fc.property(anyRequest, anyNodes, anySeed, (one, all, luck) => {
        const { kind, decision } = place(one, cluster(...all), luck)
        const weighed = [...decision.candidates, ...decision.filtered].map(each => each.node)
        expect(weighed.sort()).toEqual(all.map(({ id }) => id).sort())
        expect(kind === 'placed').toBe(decision.candidates.length > 0)
        if (kind === 'unplaceable') return
        const target = all.find(({ id }) => id === decision.chosen)
        expect(target).toMatchObject({ state: 'ready', draining: false })
        expect(one.kept).not.toBe(target?.id)
        const home = all.find(({ id }) => id === one.home)
        expect(home?.image ?? target?.image).toBe(target?.image)
        expect(one.excluded).not.toContain(target?.id)
        expect(one.on ?? target?.name).toBe(target?.name)
        expect(target?.reportedAtMs).toBeGreaterThanOrEqual(NOW_MS - RULES.maxReportAgeMs)
      }),
    )
  })

  it('never promises more than the ceiling of a node', () => {
    fc.assert(
      fc.property(anyRequest, anyNodes, anySeed, (one, all, luck) => {
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
      fc.property(anyRequest, anyNodes, anySeed, (one, all, luck) => {
        const { candidates, chosen } = place(one, cluster(...all), luck).decision
        expect(place(one, cluster(...all.toReversed()), luck).decision).toMatchObject({ candidates, chosen })
      }),
    )
  })

  it('adds up, best first', () => {
    fc.assert(
      fc.property(anyRequest, anyNodes, anySeed, (one, all, luck) => {
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
      fc.property(fixedRequest, anyNodes, fc.nat(7), anySeed, (one, all, which, luck) => {
        const better = all.map((each, index) => (index === which ? improve(each) : each))
        expect(bestScore(one, better, luck)).toBeLessThanOrEqual(bestScore(one, all, luck) + 1e-9)
      }),
    )
  })

  it('one more node', () => {
    fc.assert(
      fc.property(fixedRequest, anyNodes, anyState, anySeed, (one, all, more, luck) => {
        const joined = [...all, node(99, more)]
        expect(bestScore(one, joined, luck)).toBeLessThanOrEqual(bestScore(one, all, luck))
      }),
    )
  })
})
