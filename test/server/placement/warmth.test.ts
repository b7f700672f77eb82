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

it('forgets the command that was not run for longest when there are too many', () => {
  const warmth = new Warmth()
  for (let n = 0; n < 4096; n += 1) warmth.note(`c${n}`, nodeId(1), n)
  warmth.note('c0', nodeId(1), 5000)
  warmth.note('one more', nodeId(1), 5001)
  expect(warmth.of('c0')).toBeDefined()
  expect(warmth.of('c1')).toBeUndefined()
})
