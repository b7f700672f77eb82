import { expect, it } from 'vitest'
import { resultsOf } from '../net/turns.ts'
import { tftpCases } from './cases.ts'
import { tftpRatios, tftpTable } from './report.ts'

const sample = (subject: string, name: string, megabytesPerSecond: number, p50Ms: number) => ({
  ...{ run: 1, subject, case: name },
  figures: { megabytesPerSecond, p50Ms, serverCpuSecondsPerGB: 4 },
})

const results = resultsOf([
  sample('godwit', 'rtt-p1-w1', 1.5, 780),
  sample('dnsmasq', 'rtt-p1-w1', 1.5, 770),
  sample('godwit', 'rtt-p1-w16', 18, 57),
  sample('atftpd', 'rtt-p1-w16', 20, 50),
  sample('tftpd-hpa', 'rtt-p1-w16', 20, 60),
])
const ratios = tftpRatios(results, tftpCases(false))

it('compares at the same windowsize', () => {
  expect(ratios).toMatchObject({
    godwitToDnsmasqMBsRttP1W1: 1,
    godwitToAtftpdMBsRttP1W16: 0.9,
    godwitToAtftpdCpuRttP1W16: 1,
  })
})

it('compares times with the best of the peers', () => {
  expect(ratios).toMatchObject({ godwitToBestPeerP50MsRttP1W1: 1.013, godwitToBestPeerP50MsRttP1W16: 1.14 })
  expect(Object.keys(ratios).filter(name => name.includes('P99Ms'))).toEqual([])
})

it('compares our 16 with the 1 of those who know no windows', () => {
  expect(Object.entries(ratios).filter(([name]) => name.startsWith('godwitW16To'))).toEqual([
    ['godwitW16ToDnsmasqMBsRttP1', 12],
  ])
})

it('shows medians and ratios', () => {
  const table = tftpTable(results, ratios)
  expect(table).toMatch(/rtt-p1-w16 +atftpd +20\.0 +50\.00 +- +4\.00/)
  expect(table).toMatch(/godwitW16ToDnsmasqMBsRttP1 +12\.00/)
})

it('has every case of the acceptance, each once', () => {
  const names = tftpCases(false).map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining(['p128-w16', 'rtt-p16-w4', 'loss-p16-w16']))
  const quick = tftpCases(true).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(quick))
})
