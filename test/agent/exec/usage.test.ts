import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cgroupUsage, NO_USAGE, parseProcStat, procUsage, withReading } from '../../../agent/exec/usage.ts'

const TEXTS = {
  cpuStat: 'usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n',
  memoryCurrent: '1048576\n',
  memoryPeak: '4194304\n',
  pidsCurrent: '12\n',
  pidsPeak: '31\n',
}
const PROC = { session: 9, beganTicks: 9, cpuTicks: 250, threads: 20, residentPages: 1000 }

test('a cgroup with all controllers counts everything itself', () => {
  expect(cgroupUsage(TEXTS, [])).toEqual({
    cpuSeconds: 1.5,
    memoryBytes: 1_048_576,
    peakMemoryBytes: 4_194_304,
    threads: 12,
    peakThreads: 31,
  })
})

test('what a cgroup does not count comes from its processes', () => {
  const bare = { ...TEXTS, memoryCurrent: '', memoryPeak: '', pidsCurrent: '', pidsPeak: '' }
  expect(cgroupUsage(bare, [PROC, PROC])).toMatchObject({
    cpuSeconds: 1.5,
    memoryBytes: 8_192_000,
    threads: 40,
  })
})

test('sums never fall and peaks stay when processes are gone', () => {
  const one = withReading(NO_USAGE, procUsage([PROC, PROC]))
  expect(withReading(one, procUsage([]))).toEqual({
    cpuSeconds: 5,
    memoryBytes: 0,
    peakMemoryBytes: 8_192_000,
    threads: 0,
    peakThreads: 40,
  })
})

test('/proc/PID/stat is read past any command name', () => {
  const stat = `7 (a) b) S 1 7 5 0 -1 4194304 1 2 3 4 11 22 33 44 20 0 6 0 100 200 77 ${'0 '.repeat(20)}`
  expect(parseProcStat(stat)).toEqual({
    session: 5,
    beganTicks: 100,
    cpuTicks: 110,
    threads: 6,
    residentPages: 77,
  })
  expect(parseProcStat('')).toBeUndefined()
  expect(parseProcStat(readFileSync('/proc/self/stat', 'utf8'))?.threads).toBeGreaterThan(4)
})
