import { expect, it } from 'vitest'
import { resultsOf } from '../net/turns.ts'
import { dhcpRatios, dhcpTable } from './report.ts'

const sample = (subject: string, phase: string, doraPerSecond: number, serverCpuMsPer1000Dora: number) => ({
  ...{ run: 1, subject, case: `${phase}-1000` },
  figures: { doraPerSecond, serverCpuMsPer1000Dora, noOffer: 2, noAck: 1 },
})

it('compares the fullest closed loop and the first leases', () => {
  const results = resultsOf([
    sample('godwit', 'fill', 900, 90),
    sample('kea', 'fill', 1000, 60),
    sample('godwit', 'closed8', 1, 1),
    sample('godwit', 'closed128', 1500, 90),
    sample('kea', 'closed128', 2000, 45),
  ])
  const ratios = dhcpRatios(results, [1000, 5000], 128)
  expect(ratios).toEqual({
    godwitToKeaDoraPerSecond1000: 0.75,
    godwitToKeaFillDoraPerSecond1000: 0.9,
    godwitToKeaCpu1000: 2,
  })
  const table = dhcpTable(results, ratios)
  expect(table).toMatch(/closed128-1000 +kea +2000 +- +- +45 +3 +0/)
  expect(table).toMatch(/godwitToKeaCpu1000 +2\.00/)
})
