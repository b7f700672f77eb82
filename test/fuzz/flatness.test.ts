import { expect, it } from 'vitest'
import { growthOf } from './flatness.ts'
import type { Footprint } from './memory.ts'

const MEBIBYTE = 2 ** 20
const samples = (heapMiB: (index: number) => number): Footprint[] =>
  Array.from({ length: 30 }, (_, index) => ({
    ...{ heapBytes: heapMiB(index) * MEBIBYTE, rssBytes: 100 * MEBIBYTE, openFiles: 30, faults: [] },
  }))
const isHeapFlat = (heapMiB: (index: number) => number) =>
  growthOf(samples(heapMiB)).find(({ figure }) => figure === 'heapBytes')?.isFlat

it('takes warming up and noise for flat, steady growth for a leak', () => {
  expect(isHeapFlat(index => (index < 10 ? index * 5 : 50))).toBe(true)
  expect(isHeapFlat(index => 20 + (index % 3))).toBe(true)
  expect(isHeapFlat(index => 20 + index * 0.5)).toBe(false)
})
