import { describe, expect, test } from 'vitest'
import { type AccelFacts, choiceAfterProbe, decideAccel, hasVirtualization } from '../../lab/accel.ts'
import { probeArgs, probeSector } from '../../lab/boot-probe.ts'

const intel = 'processor\t: 0\nflags\t\t: fpu vme vmx ssse3\nbugs\t\t: spectre_v1\n'
const amd = 'processor\t: 0\nflags\t\t: fpu svm\n'
const neither = 'processor\t: 0\nmodel name\t: a CPU with vmx in its name\nflags\t\t: fpu vmxnot svmx\n'

describe('decideAccel', () => {
  const facts = (cpuinfo: string, kvmDevice: AccelFacts['kvmDevice']) => ({ cpuinfo, kvmDevice })
  test.each([
    ['tcg', facts(intel, 'usable'), 'tcg', 'was asked for'],
    ['kvm', facts(neither, 'missing'), 'kvm', 'was asked for'],
    ['auto', facts(neither, 'usable'), 'tcg', 'neither vmx nor svm'],
    ['auto', facts(intel, 'missing'), 'tcg', 'no /dev/kvm'],
    ['auto', facts(amd, 'denied'), 'tcg', 'may not be opened'],
  ] as const)('%s on %o', (asked, host, kind, reason) => {
    expect(decideAccel(asked, host)).toEqual({
      kind: 'decided',
      choice: { kind, reason: expect.stringContaining(reason) },
    })
  })

  test.each([intel, amd])('a CPU that can and a usable /dev/kvm are worth a probe guest', cpuinfo => {
    expect(decideAccel('auto', facts(cpuinfo, 'usable'))).toEqual({ kind: 'probe' })
  })
})

test.each([
  [{ kind: 'booted', elapsedMs: 312.4 }, 'kvm', '312 ms'],
  [{ kind: 'hung', elapsedMs: 5000 }, 'tcg', 'hung for 5000 ms'],
  [{ kind: 'failed', message: 'no module' }, 'tcg', 'no module'],
] as const)('after a probe that %o', (outcome, kind, reason) => {
  expect(choiceAfterProbe(outcome)).toEqual({ kind, reason: expect.stringContaining(reason) })
})

test('only the flags count, and only as whole words', () => {
  expect([intel, amd, neither, ''].map(hasVirtualization)).toEqual([true, true, false, false])
})

test('the probe is a boot sector whose tables lie where its code looks for them', () => {
  const sector = probeSector()
  const view = new DataView(sector.buffer)
  expect(sector).toHaveLength(512)
  expect(view.getUint16(510, true)).toBe(0xaa55)
  const descriptor = view.getUint16(84 + 3, true) - 0x7c00
  expect(view.getUint32(descriptor + 2, true)).toBe(0x7c00 + 120)
  // lgdt, then a far jump through the second entry of that table to the 64-bit code right behind it.
  expect(sector.subarray(84, 87)).toEqual(Uint8Array.of(0x0f, 0x01, 0x16))
  expect([sector[101], view.getUint16(102, true), view.getUint16(104, true)]).toEqual([0xea, 0x7c6a, 8])
})

test('the probe runs on KVM only and ends by the debug-exit port', () => {
  expect(probeArgs('/tmp/probe.img').join(' ')).toMatch(
    /^-accel kvm .*isa-debug-exit,iobase=0xf4.*file=\/tmp\/probe\.img/,
  )
})
