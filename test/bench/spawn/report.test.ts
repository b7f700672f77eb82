import { expect, it } from 'vitest'
import { resultsOf } from '../net/turns.ts'
import { memoryFigures } from './memory.ts'
import { spawnRatios, spawnTable } from './report.ts'

const timed = (subject: string, name: string, medianMs: number, cpuMsPerSpawn: number) => ({
  ...{ run: 1, subject, case: name },
  figures: { medianMs, cpuMsPerSpawn },
})

it('compares with both ways of ssh, and with a start at home', () => {
  const results = resultsOf([
    timed('local', 'true', 0.5, 0.4),
    timed('godwit', 'true', 5, 4),
    timed('ssh-mux', 'true', 8, 5),
    timed('ssh', 'true', 100, 40),
    timed('godwit', 'java', 90, 100),
    timed('ssh-mux', 'java', 90, 80),
    { run: 1, subject: 'godwit', case: 'memory', figures: { pssKiB: 100, rssKiB: 400, privateKiB: 80 } },
    { run: 1, subject: 'ssh-mux', case: 'memory', figures: { pssKiB: 1000, rssKiB: 8000, privateKiB: 900 } },
    { run: 1, subject: 'godwit', case: 'rate', figures: { offeredPerSecond: 500, endedPerSecond: 499 } },
  ])
  const ratios = spawnRatios(results)
  expect(ratios).toEqual({
    godwitToSshMuxMedianTrue: 0.625,
    godwitToSshMedianTrue: 0.05,
    godwitToSshMuxCpuTrue: 0.8,
    godwitToSshCpuTrue: 0.1,
    godwitAddedMsTrue: 4.5,
    godwitToSshMuxMedianJava: 1,
    godwitToSshMuxCpuJava: 1.25,
    godwitToSshMuxPss: 0.1,
  })
  const table = spawnTable(results, ratios)
  expect(table).toMatch(/^true +godwit +5\.00/m)
  expect(table).toMatch(/^godwit +100 +400 +80$/m)
  expect(table).toMatch(/^500 +499/m)
  expect(table).toMatch(/godwitToSshMuxMedianTrue +0\.63/)
})

it('reads what the kernel counts of a process', () => {
  const rollup = `00400000-7ffe rollup
Rss:                 440 kB
Pss:                  96 kB
Pss_Anon:             60 kB
Private_Clean:        12 kB
Private_Dirty:        60 kB
`
  expect(memoryFigures(rollup)).toEqual({ pssKiB: 96, rssKiB: 440, privateKiB: 72 })
})
