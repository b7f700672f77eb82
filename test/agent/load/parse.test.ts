import { expect, test } from 'vitest'
import {
  cpuBusy,
  parseCpuTimes,
  parseMemory,
  parsePressure,
  parseRunnable,
} from '../../../agent/load/parse.ts'
import { createLoadReader } from '../../../agent/load/read.ts'
import { Load } from '../../../protocol/hardware.ts'

test('processor times: idle and waiting are not busy, guests are in user already', () => {
  const stat = 'cpu  100 10 50 800 40 5 5 10 60 0\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n'
  expect(parseCpuTimes(stat)).toEqual({ busyTicks: 180, totalTicks: 1020 })
})

test.each([
  [{ busyTicks: 0, totalTicks: 0 }, { busyTicks: 50, totalTicks: 200 }, 0.25],
  [{ busyTicks: 5, totalTicks: 10 }, { busyTicks: 5, totalTicks: 10 }, 0],
  [{ busyTicks: 9, totalTicks: 10 }, { busyTicks: 5, totalTicks: 20 }, 0],
])('busy share from %j to %j is %f', (before, after, share) => {
  expect(cpuBusy(before, after)).toBe(share)
})

test.each([
  ['0.20 0.18 0.12 5/80 11206\n', 4],
  ['0.00 0.00 0.00 1/80 11206\n', 0],
  ['', 0],
])('runnable in %j, the reader left out: %i', (loadavg, runnable) => {
  expect(parseRunnable(loadavg)).toBe(runnable)
})

test('memory', () => {
  const meminfo = 'MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     600 kB\n'
  expect(parseMemory(meminfo)).toEqual({ totalBytes: 1_024_000, availableBytes: 614_400 })
})

test.each([
  ['some avg10=1.65 avg60=0.46 avg300=0.70 total=14991941\nfull avg10=0.00 avg60=0.00\n', 1.65],
  ['', null],
  [undefined, null],
])('pressure of %j is %s', (text, value) => {
  expect(parsePressure(text)).toBe(value)
})

test('this very machine has a load that fits the protocol', () => {
  const load = createLoadReader(Date.now)()
  expect(Load.parse(load)).toEqual(load)
  expect(load.memoryTotalBytes).toBeGreaterThan(1e8)
})
