import { describe, expect, it } from 'vitest'
import { coresOf, ownSeconds } from './host-meter.ts'

describe('the host meter', () => {
  const times = (pid: number, parentPid: number, ticks: number) => ({ pid, parentPid, ticks, program: 'x' })

  it('counts the lab once, whether or not this bench is the parent of its supervisor', () => {
    const bench = times(10, 1, 100)
    const command = times(11, 10, 50)
    const machine = times(21, 20, 1000)
    for (const parent of [1, 10])
      expect(ownSeconds([bench, command, times(20, parent, 200), machine, times(99, 1, 7)], 10, 20)).toBe(
        13.5,
      )
  })

  it('tells processors, ours and those of others', () => {
    expect(coresOf({ busy: 100, own: 10 }, { busy: 118, own: 25 }, 10)).toEqual({
      ownCores: 1.5,
      otherCores: 0.3,
    })
    expect(coresOf({ busy: 100, own: 10 }, { busy: 110, own: 21 }, 10).otherCores).toBe(0)
  })
})
