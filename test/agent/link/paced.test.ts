import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { paced } from '../../../agent/link/io/paced.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('work is done at once, then once for all that asked meanwhile', () => {
  const work = vi.fn()
  const pace = paced(work)
  for (let n = 0; n < 5; n += 1) pace.ask()
  expect(work).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(99)
  expect(work).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(2)
  expect(work).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(1000)
  expect(work).toHaveBeenCalledTimes(2)
})

test('work that takes long is done the more seldom', () => {
  const work = vi.fn(() => void vi.advanceTimersByTime(50))
  const pace = paced(work)
  pace.ask()
  pace.ask()
  vi.advanceTimersByTime(940)
  expect(work).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(20)
  expect(work).toHaveBeenCalledTimes(2)
})

test('nothing is done after the end', () => {
  const work = vi.fn()
  const pace = paced(work)
  pace.ask()
  pace.ask()
  pace.stop()
  vi.advanceTimersByTime(1000)
  expect(work).toHaveBeenCalledTimes(1)
})
