import { describe, expect, it } from 'vitest'
import { type BootSample, bootRatios, bootResults } from './report.ts'
import { bootSchedule, SUBJECTS } from './schedule.ts'
import { bootTable } from './table.ts'

describe('bootSchedule', () => {
  it('has the subjects take turns, every other run backwards', () => {
    const subjects = ['godwit', 'dnsmasq+nginx'] as const
    const tasks = bootSchedule({ runs: 2, firmware: ['bios', 'uefi'], subjects })
    expect(tasks.map(task => `${task.run} ${task.firmware} ${task.subject}`)).toEqual([
      '1 bios godwit',
      '1 bios dnsmasq+nginx',
      '1 uefi godwit',
      '1 uefi dnsmasq+nginx',
      '2 bios dnsmasq+nginx',
      '2 bios godwit',
      '2 uefi dnsmasq+nginx',
      '2 uefi godwit',
    ])
  })

  it('measures everything as often', () => {
    const tasks = bootSchedule({ runs: 3, firmware: ['bios', 'uefi'], subjects: SUBJECTS })
    for (const subject of SUBJECTS) expect(tasks.filter(task => task.subject === subject)).toHaveLength(6)
  })
})

describe('the report', () => {
  const sample = (run: number, subject: BootSample['subject'], secondsToReady: number): BootSample => ({
    ...{ run, subject, firmware: 'bios' },
    figures: { secondsToReady, bytesSent: 200 * 2 ** 20 },
  })
  const results = bootResults([
    sample(1, 'dnsmasq+nginx', 80),
    sample(1, 'godwit', 40),
    sample(2, 'godwit', 42),
    sample(2, 'dnsmasq+nginx', 84),
    sample(1, 'dnsmasq+nginx+ra', 41),
  ])

  it('has one result per subject and firmware, with medians and spread', () => {
    expect(results.map(({ subject, boots }) => [subject, boots])).toEqual([
      ['godwit', 2],
      ['dnsmasq+nginx', 2],
      ['dnsmasq+nginx+ra', 1],
    ])
    expect(results[0]?.figures['secondsToReady']).toBe(41)
    expect(results[0]?.spread['secondsToReady']).toEqual({ min: 40, max: 42 })
  })

  it('names each ratio by peer, figure and firmware, and leaves out what was not measured', () => {
    expect(bootRatios(results)).toEqual({
      godwitToPeerSecondsBios: 0.5,
      godwitToPeerBytesBios: 1,
      godwitToPeerWithRaSecondsBios: 1,
      godwitToPeerWithRaBytesBios: 1,
    })
    expect(bootRatios(results.slice(1))).toEqual({})
  })

  it('is readable', () => {
    const text = bootTable(results, bootRatios(results))
    expect(text).toMatch(/bios +godwit +2 +- +- +41\.00 s \(40\.00–42\.00\) +200\.0 MiB/)
    expect(text).toMatch(/bios +dnsmasq\+nginx\+ra +1 +- +- +41\.00 s +200\.0 MiB/)
    expect(text).toMatch(/godwitToPeerSecondsBios +0\.50/)
  })
})
