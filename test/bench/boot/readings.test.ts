import { describe, expect, it } from 'vitest'
import type { BootRecord } from '../../../protocol/node.ts'
import {
  busySeconds,
  cpuFigures,
  cpuSecondsByProgram,
  familySeconds,
  type ProcessTimes,
  parseTimes,
} from './cpu-time.ts'
import { linkFigures } from './link-counters.ts'
import { stageFigures } from './stage-figures.ts'

/** A stat line (proc(5)) with user, system and children's times as fields 14 to 17. */
const statLine = (pid: number, name: string, parent: number, times: string) =>
  `${pid} (${name}) S ${parent} 1 1 0 -1 4194560 1 2 3 4 ${times} 20 0 11 0 12345 999 888\n`

describe('parseTimes', () => {
  it.each([
    ['nginx', 'nginx'],
    ['a name) S 7 (x', 'a name) S 7 (x'],
  ])('reads a process named %j', (name, program) => {
    expect(parseTimes(statLine(42, name, 7, '100 20 3 4'))).toEqual({
      ...{ pid: 42, parentPid: 7, program, ticks: 127 },
    })
  })

  it.each(['', 'nonsense', '42 (cut', '42 (cut) S 1 2'])('says no to %j', text => {
    expect(parseTimes(text)).toBeUndefined()
  })
})

describe('CPU time of a server', () => {
  const processes: readonly ProcessTimes[] = [
    { pid: 10, parentPid: 1, program: 'node', ticks: 100 },
    { pid: 11, parentPid: 10, program: 'nginx', ticks: 20 },
    { pid: 12, parentPid: 11, program: 'nginx', ticks: 5 },
    { pid: 13, parentPid: 10, program: 'node', ticks: 50 },
    { pid: 99, parentPid: 1, program: 'qemu-system-x86', ticks: 9999 },
  ]

  it('is that of the process and all below it, by program', () => {
    expect(cpuSecondsByProgram(processes, 10)).toEqual({ godwit: 1.5, nginx: 0.25 })
  })

  it('is not that of the machine beside it, which the whole lab has', () => {
    expect(familySeconds(processes, 10)).toBe(1.75)
    expect(familySeconds(processes, 1)).toBe(101.74)
  })

  it('of the whole host leaves idle time out', () => {
    expect(busySeconds('cpu  100 20 30 99999 500 1 2 0 0 0\ncpu0 1 2 3\n')).toBe(1.53)
  })

  it('between two readings is the difference; who came in between began at nothing', () => {
    expect(cpuFigures({ godwit: 1 }, { godwit: 1.5, nginx: 0.25 })).toEqual({
      ...{ serverCpuSeconds: 0.75, godwitCpuSeconds: 0.5, nginxCpuSeconds: 0.25 },
    })
  })
})

describe('linkFigures', () => {
  it('calls sent what the tap transmitted: that went to the machine', () => {
    const stats64 = { rx: { bytes: 5, packets: 1, errors: 0 }, tx: { bytes: 900, packets: 3, dropped: 0 } }
    expect(linkFigures(JSON.stringify([{ ifname: 'tap-machine', stats64 }]))).toEqual({
      ...{ bytesSent: 900, framesSent: 3, bytesReceived: 5 },
    })
  })

  it('says no to anything else', () => {
    expect(() => linkFigures('[]')).toThrow()
  })
})

describe('stageFigures', () => {
  const boot: BootRecord = {
    startedAt: 11_000,
    readyAt: 61_500,
    firmware: 'bios',
    stages: [
      { name: 'dhcp-ack', atMs: 0 },
      { name: 'initrd-start', atMs: 20_250 },
      { name: 'ready', atMs: 50_500 },
    ],
  }

  it('counts from power-on, not from the first packet', () => {
    expect(stageFigures(boot, 10_000)).toEqual({ secondsToInitrd: 21.25, secondsToReady: 51.5 })
  })

  it('gives nothing for a boot that is not ready', () => {
    expect(stageFigures({ ...boot, readyAt: null }, 10_000)).toBeUndefined()
  })
})
