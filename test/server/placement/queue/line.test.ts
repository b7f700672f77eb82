import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  gaveUp,
  joined,
  keptFor,
  type Line,
  PASSES_MAX,
  positionOf,
  served,
} from '../../../../server/placement/queue/line.ts'
import { processId } from '../fixtures.ts'

const lineOf = (...ids: readonly number[]): Line =>
  ids.reduce<Line>((line, id) => joined(line, processId(id), id), [])

it('the one who waits longest is first, also one who comes back', () => {
  expect(lineOf(3, 1, 2).map(({ sinceMs }) => sinceMs)).toEqual([1, 2, 3])
  const line = lineOf(1, 2)
  expect(positionOf(line, processId(2))).toBe(2)
  expect(positionOf(line, processId(9))).toBe(0)
})

it('who is placed passes those ahead; who gives up passes nobody', () => {
  const passes = (line: Line) => line.map(one => one.passes)
  expect(passes(served(lineOf(1, 2, 3), processId(3)))).toEqual([1, 1])
  expect(passes(served(lineOf(1, 2, 3), processId(1)))).toEqual([0, 0])
  expect(passes(served(lineOf(1, 2, 3), processId(9)))).toEqual([1, 1, 1])
  expect(passes(gaveUp(lineOf(1, 2, 3), processId(3)))).toEqual([0, 0])
})

it('the first is passed sixteen times and then something is kept for it', () => {
  let line = lineOf(1, 2)
  for (let n = 0; n < PASSES_MAX; n += 1) {
    expect(keptFor(line)).toBeUndefined()
    line = served(line, processId(100 + n))
  }
  expect(keptFor(line)?.id).toBe(processId(1))
  expect(keptFor(served(line, processId(1)))?.id).toBe(processId(2))
  expect(keptFor([])).toBeUndefined()
})

it('nobody is lost or doubled, and the order of those who stay never changes', () => {
  const step = fc.tuple(fc.constantFrom('join', 'serve', 'leave'), fc.nat(6))
  fc.assert(
    fc.property(fc.array(step), steps => {
      let line: Line = []
      const inside = new Set<number>()
      for (const [index, [kind, n]] of steps.entries()) {
        const before = line.map(({ id }) => id)
        if (kind === 'join' && !inside.has(n)) line = joined(line, processId(n), index)
        else if (kind === 'serve') line = served(line, processId(n))
        else if (kind === 'leave') line = gaveUp(line, processId(n))
        if (kind === 'join') inside.add(n)
        else inside.delete(n)
        expect(new Set(line.map(({ id }) => id))).toEqual(new Set([...inside].map(processId)))
        const stayed = line.map(({ id }) => id).filter(id => before.includes(id))
        expect(stayed).toEqual(before.filter(id => stayed.includes(id)))
      }
    }),
  )
})
