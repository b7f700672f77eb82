import { expect, it } from 'vitest'
import { fnv1a } from '../../../server/fnv1a.ts'
import { drawn } from '../../../server/placement/random.ts'
import { nodeId } from './fixtures.ts'

const uniform = (seed: number, name: string): number => drawn(seed, fnv1a(name))

it('draws the same number for the same seed and name, for ever', () => {
  expect(uniform(1, 'n-525400770001')).toBe(uniform(1, 'n-525400770001'))
})

it('draws evenly over seeds and over neighbouring names', () => {
  for (const draw of [(i: number) => uniform(i, 'n-525400770001'), (i: number) => uniform(7, nodeId(i))]) {
    const buckets = new Array<number>(10).fill(0)
    for (let i = 0; i < 20_000; i += 1) {
      const bucket = Math.floor(draw(i) * 10)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(250)
  }
})
