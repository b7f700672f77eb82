import { expect, it } from 'vitest'
import { resultsOf } from '../net/turns.ts'
import { httpCases } from './client.ts'
import { httpRatios, httpTable } from './report.ts'

const sample = (subject: string, gigabytesPerSecond: number, firstByteP99Ms: number) => ({
  ...{ run: 1, subject, case: 'p16' },
  figures: { gigabytesPerSecond, firstByteP99Ms, serverCpuSecondsPerGB: 0.25 },
})

it("gives ours by nginx's, where both were measured", () => {
  const results = resultsOf([sample('godwit', 2, 60), sample('nginx', 8, 6)])
  const ratios = httpRatios(results, httpCases(false))
  expect(ratios).toEqual({
    godwitToNginxGBs16: 0.25,
    godwitToNginxCpu16: 1,
    godwitToNginxFirstByteP99Ms16: 10,
  })
  const table = httpTable(results, ratios)
  expect(table).toMatch(/p16 +nginx +8\.00 +- +- +6\.00 +0\.250/)
  expect(table).toMatch(/godwitToNginxGBs16 +0\.25/)
})
