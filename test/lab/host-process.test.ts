import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasLabMark, isAlive, parseProcessStat } from '../../lab/host-process.ts'

/** A /proc/PID/stat line as Linux 6 writes it. */
function statLine(pid: number, name: string, state: string, startTicks: number): string {
  return `${pid} (${name}) ${state} 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 ${startTicks} 2 3 4`
}

describe('parseProcessStat', () => {
  test('reads number, state and start time whatever the name of the process', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ maxLength: 15 }), fc.nat(), (pid, name, startTicks) => {
        expect(parseProcessStat(statLine(pid, name, 'S', startTicks))).toEqual({
          id: { pid, startTicks },
          state: 'S',
        })
      }),
    )
  })

  test.each(['', 'nonsense', '12 (cat) S 1 2', '12 cat S 1'])('%j is no stat line', text => {
    expect(parseProcessStat(text)).toBeUndefined()
  })
})

describe('isAlive', () => {
  const id = { pid: 77, startTicks: 500 }
  test.each([
    ['running', parseProcessStat(statLine(77, 'qemu', 'R', 500)), true],
    ['sleeping', parseProcessStat(statLine(77, 'qemu', 'S', 500)), true],
    ['a zombie that nobody reaps', parseProcessStat(statLine(77, 'qemu', 'Z', 500)), false],
    ['somebody else with the same number', parseProcessStat(statLine(77, 'bash', 'S', 501)), false],
    ['gone', undefined, false],
  ])('%s', (_, stat, expected) => {
    expect(isAlive(id, stat)).toBe(expected)
  })
})

test('the mark is one whole variable', () => {
  expect(hasLabMark('A=1\0LAB_OF_GODWIT=cafe0001\0B=2\0', 'cafe0001')).toBe(true)
  expect(hasLabMark('A=LAB_OF_GODWIT=cafe0001\0', 'cafe0001')).toBe(false)
  expect(hasLabMark('LAB_OF_GODWIT=cafe00012\0', 'cafe0001')).toBe(false)
})
