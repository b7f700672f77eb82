import { describe, expect, it } from 'vitest'
import { COMMAND_LINE } from '../../../../server/placement/demand/jvm-command.ts'
import { readJvmFlags } from '../../../../server/placement/demand/jvm-flags.ts'
import { likelyBytes, limitBytes, maxHeap } from '../../../../server/placement/demand/jvm-memory.ts'
import { GIB, MIB } from '../fixtures.ts'

const flags = (text: string) =>
  readJvmFlags(
    text
      .split(' ')
      .filter(Boolean)
      .map(option => ({ text: option, source: COMMAND_LINE })),
  )

/** HotSpot rounds a heap up to whole regions of its collector, 1 MiB and more. */
const REGION_BYTES = 2 * MIB

describe('the heap a JVM takes', () => {
  // MaxHeapSize as `java … -XX:+PrintFlagsFinal -version` of OpenJDK 17.0.15 prints it on a machine of 24 GB.
  it.each([
    ['-XX:MaxRAM=1g', 268435456],
    ['-XX:MaxRAM=1g -Xmx50m', 52428800],
    ['-XX:MaxRAM=1g -XX:MaxRAMPercentage=50', 536870912],
    ['-XX:MaxRAMPercentage=10 -XX:MaxRAM=4g', 429916160],
    ['-XX:MaxRAM=200m', 104857600],
    ['-XX:MaxRAM=240m -XX:MaxRAMPercentage=80', 125829120],
    ['-XX:MaxRAM=248m', 124 * MIB],
    ['-XX:MaxRAM=250m -XX:MaxRAMPercentage=80', 200 * MIB],
    ['-XX:MaxRAM=480m', 126 * MIB],
    ['-XX:MaxRAM=600m', 150 * MIB],
    ['-Xms300m -XX:MaxRAM=1g', 314572800],
    ['-XX:MaxRAM=4g -XX:MaxRAMFraction=2', 2147483648],
    ['-XX:MaxRAM=4g -XX:MaxRAMFraction=2 -XX:MaxRAMPercentage=10', 429916160],
    ['-XX:MaxRAM=4g -XX:InitialRAMPercentage=90', 1073741824],
    ['-XX:MaxRAM=200m -XX:MinRAMFraction=4', 52428800],
  ])('with %s is what OpenJDK says', (text, measured) => {
    const { value } = maxHeap(flags(text), 24 * GIB)
    expect(Math.abs(value - measured)).toBeLessThan(REGION_BYTES)
  })

  it('follows the memory it sees when no flag speaks', () => {
    expect(maxHeap(flags(''), 16 * GIB)).toEqual({ value: 4 * GIB, from: 'default heap, 25 %' })
    expect(maxHeap(flags('-XX:MaxRAMPercentage=50'), 16 * GIB).value).toBe(8 * GIB)
  })
})

describe('what a JVM takes beside its heap', () => {
  // Peak resident memory (VmHWM) of a program of 8 busy threads with its whole heap touched, OpenJDK 17.0.15.
  it.each([
    [32, 83768],
    [64, 117872],
    [256, 321948],
    [1024, 1139832],
  ])('is enough for a heap of %i MiB as measured, and not twice that', (heapMib, measuredKib) => {
    const likely = likelyBytes(flags(''), heapMib * MIB, 8, 2)
    expect(likely).toBeGreaterThanOrEqual(measuredKib * 1024)
    expect(likely).toBeLessThan(2 * measuredKib * 1024 + 64 * MIB)
  })

  it('stays far below the limit that ends it', () => {
    for (const heap of [16 * MIB, GIB, 64 * GIB]) {
      expect(limitBytes(flags(''), heap)).toBeGreaterThan(likelyBytes(flags(''), heap, 16, 16) + heap / 2)
    }
  })

  it('grows with announced direct memory and stacks', () => {
    const plain = likelyBytes(flags(''), GIB, 10, 4)
    expect(likelyBytes(flags('-XX:MaxDirectMemorySize=1g'), GIB, 10, 4)).toBe(plain + GIB)
    expect(likelyBytes(flags('-Xss2m'), GIB, 10, 4)).toBe(plain + 10 * MIB)
  })

  it('grows with the processors its collector is made for, by what OpenJDK tracks', () => {
    const growth = (text: string) =>
      likelyBytes(flags(text), GIB, 4, 64) - likelyBytes(flags(text), GIB, 4, 4)
    // Committed by "GC" in native memory tracking, 64 processors against 4, OpenJDK 17.0.15, -Xmx1g.
    expect(growth('-XX:+UseG1GC') / (141825282 - 58143114)).toBeCloseTo(1, 0)
    expect(growth('-XX:+UseParallelGC') / (181409070 - 53442270)).toBeCloseTo(1, 0)
    expect(growth('-XX:+UseShenandoahGC') / (46572815 - 14892231)).toBeCloseTo(1, 0)
    expect(growth('-XX:+UseSerialGC')).toBe(0)
    expect(growth('-XX:+UseZGC')).toBe(0)
    expect(growth('')).toBe(growth('-XX:+UseG1GC'))
    expect(likelyBytes(flags(''), GIB, 1, 1)).toBe(likelyBytes(flags('-XX:+UseSerialGC'), GIB, 1, 1))
  })

  it('makes room for announced metaspace', () => {
    const big = flags('-XX:MaxMetaspaceSize=2g')
    expect(likelyBytes(big, GIB, 1, 1)).toBeGreaterThan(likelyBytes(flags(''), GIB, 1, 1))
    expect(limitBytes(big, GIB)).toBeGreaterThan(limitBytes(flags(''), GIB) + GIB)
    expect(limitBytes(flags('-XX:MaxMetaspaceSize=64m'), GIB)).toBe(limitBytes(flags(''), GIB))
  })
})
