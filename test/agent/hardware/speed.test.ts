import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { measureSpeed } from '../../../agent/hardware/speed.ts'
import { runKernel } from '../../../agent/hardware/speed-kernel.ts'

test('the kernel stops when its time is over, and counts whole loops', () => {
  let nowMs = 0
  const clock = () => {
    nowMs += 3
    return nowMs
  }
  expect(runKernel(10, clock)).toEqual({ loops: 4, elapsedMs: 12 })
})

test('this very machine has a speed, and all threads together are not slower than one by much', {
  timeout: 60_000,
}, async () => {
  const { single, all } = await measureSpeed()
  expect(single).toBeGreaterThan(0)
  expect(all).toBeGreaterThan(single / 4)
  expect(all).toBeLessThan(single * availableParallelism() * 4)
})
