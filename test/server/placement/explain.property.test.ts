import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Asks } from '../../../server/placement/asks.ts'
import { Board } from '../../../server/placement/board.ts'
import { FILTERS, isBlocked } from '../../../server/placement/filters.ts'
import { place } from '../../../server/placement/place.ts'
import type { PlaceRequest } from '../../../server/placement/request.ts'
import { SCORERS, scoreOf, termsOf } from '../../../server/placement/scorers.ts'
import type { NodeSnapshot } from '../../../server/placement/snapshot.ts'
import { anyNodes, anyRequest, anySeed, anyState } from './arbitraries.ts'
import { cluster, node, request } from './fixtures.ts'

function* asked(one: PlaceRequest, all: readonly NodeSnapshot[], seed: number) {
  const board = Board.of(cluster(...all))
  const asks = new Asks(one, board, seed)
  for (const slot of board.slots) yield { slot, ask: asks.of(slot.shape) }
}

describe('what a decision is told by is what it was made by:', () => {
  it('a node is blocked when one of the filters blocks it', () => {
    fc.assert(
      fc.property(anyRequest, anyNodes, anySeed, (one, all, seed) => {
        for (const { slot, ask } of asked(one, all, seed))
          expect(isBlocked(slot, ask)).toBe(FILTERS.some(({ blocks }) => blocks(slot, ask)))
      }),
    )
  })

  it('the score is the sum of the scorers to the last bit, and no term is below 0', () => {
    fc.assert(
      fc.property(anyRequest, anyNodes, anySeed, (one, all, seed) => {
        for (const { slot, ask } of asked(one, all, seed)) {
          const terms = SCORERS.map(({ score }) => score(slot, ask))
          expect(Object.entries(termsOf(slot, ask))).toEqual(SCORERS.map(({ name }, at) => [name, terms[at]]))
          expect(Math.min(...terms)).toBeGreaterThanOrEqual(0)
          const sum = terms.reduce((total, term) => total + term)
          expect(scoreOf(slot, ask, Number.POSITIVE_INFINITY)).toBe(sum)
          expect(scoreOf(slot, ask, sum)).toBe(sum)
          expect(scoreOf(slot, ask, sum / 2)).toBeGreaterThan(sum / 2)
        }
      }),
    )
  })

  it('the chosen node is the best of those explained, and of all', () => {
    fc.assert(
      fc.property(anyRequest, anyNodes, anySeed, (one, all, seed) => {
        const { decision } = place(one, cluster(...all), seed)
        expect(decision.chosen).toBe(decision.candidates[0]?.node ?? null)
        const fits = [...asked(one, all, seed)].filter(({ slot, ask }) => !isBlocked(slot, ask))
        const scores = fits.map(({ slot, ask }) => scoreOf(slot, ask, Number.POSITIVE_INFINITY))
        expect(decision.candidates.map(({ score }) => score)).toEqual(scores.toSorted((a, b) => a - b))
      }),
    )
  })
})

describe('of a cluster too large to tell node by node', () => {
  const large = fc
    .array(anyState, { minLength: 65, maxLength: 90 })
    .map(all => all.map((one, index) => node(index, one)))

  it('the best 8 are told as if all were, and the rest is counted', () => {
    fc.assert(
      fc.property(anyRequest, large, anySeed, (one, all, seed) => {
        const { decision } = place(one, cluster(...all), seed)
        const fits = [...asked(one, all, seed)].filter(({ slot, ask }) => !isBlocked(slot, ask))
        const ranked = fits
          .map(({ slot, ask }) => ({ id: slot.id, score: scoreOf(slot, ask, Number.POSITIVE_INFINITY) }))
          .toSorted((a, b) => a.score - b.score || (a.id < b.id ? -1 : 1))
        const best = ranked.slice(0, 8).map(({ id }) => id)
        expect(decision.candidates.map(each => each.node)).toEqual(best)
        const { candidates = 0, filtered = 0, reasons = {} } = decision.omitted ?? {}
        expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(filtered)
        const told = decision.candidates.length + decision.filtered.length
        expect(told + candidates + filtered).toBe(all.length)
      }),
      { numRuns: 30 },
    )
  })

  it('three nodes are told for each reason', () => {
    const all = Array.from({ length: 70 }, (_, index) => node(index, index < 40 ? { state: 'lost' } : {}))
    const { decision } = place(request('sort'), cluster(...all), 1)
    expect(decision.filtered.map(({ name, reason }) => `${name} ${reason}`)).toEqual([
      'node-0 not-ready',
      'node-1 not-ready',
      'node-2 not-ready',
    ])
    expect(decision.omitted).toEqual({ candidates: 22, filtered: 37, reasons: { 'not-ready': 37 } })
  })
})
