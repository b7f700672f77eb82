import { expect, it } from 'vitest'
import { Warmth } from '../../../server/placement/warmth.ts'
import { nodeId } from './fixtures.ts'

it('remembers the last run on each node, until it is too long ago', () => {
  const warmth = new Warmth()
  warmth.note('sort', nodeId(1), 1000)
  warmth.note('sort', nodeId(2), 2000)
  warmth.note('sort', nodeId(1), 3000)
  expect(warmth.of('sort')).toEqual(
    new Map([
      [nodeId(1), 3000],
      [nodeId(2), 2000],
    ]),
  )
  warmth.note('sort', nodeId(3), 602_001)
  expect([...(warmth.of('sort')?.keys() ?? [])]).toEqual([nodeId(1), nodeId(3)])
  expect(warmth.of('make')).toBeUndefined()
})

it('forgets commands that were not run for long when there are too many', () => {
  const warmth = new Warmth()
  for (let n = 0; n < 8192; n += 1) {
    warmth.note(`c${n}`, nodeId(1), n)
    warmth.note('again and again', nodeId(1), n)
  }
  expect(warmth.of('again and again')).toBeDefined()
  expect(warmth.of('c5000')).toBeDefined()
  expect(warmth.of('c0')).toBeUndefined()
})
