import { describe, expect, it } from 'vitest'
import { usageSeconds } from './cpu-group.ts'
import { noiseWarning, stealSeconds } from './noise.ts'
import { droppedOf } from './rig.ts'

describe('readings of the kernel', () => {
  it('reads the CPU time of a control group', () => {
    expect(usageSeconds('usage_usec 1500000\nuser_usec 900000\nsystem_usec 600000\n')).toBe(1.5)
  })

  it('reads what the host took', () => {
    expect(stealSeconds('cpu  5527 0 3855 210706 583 0 86 250 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n')).toBe(2.5)
  })

  it('warns of a machine that was not quiet', () => {
    const results = (...cores: number[]) => cores.map(otherCores => ({ figures: { otherCores } }))
    expect(noiseWarning(results(0, 0.1, 1.5))).toBeUndefined()
    expect(noiseWarning(results(1.2, 0.1, 1.5))).toMatch(/1\.2 cores/)
  })

  it('adds up what sockets had no room for', () => {
    const line = (drops: number) =>
      `  62: 0100600A:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4242 2 0000000000000000 ${drops}        `
    expect(droppedOf(`  sl  local_address rem_address ... ref pointer drops\n${line(3)}\n${line(4)}\n`)).toBe(
      7,
    )
  })
})
