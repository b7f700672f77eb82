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
    const likely = likelyBytes(flags(''), heapMib * MIB, 8)
    expect(likely).toBeGreaterThanOrEqual(measuredKib * 1024)
    expect(likely).toBeLessThan(2 * measuredKib * 1024 + 64 * MIB)
  })

  it('stays far below the limit that ends it', () => {
    for (const heap of [16 * MIB, GIB, 64 * GIB]) {
      expect(limitBytes(flags(''), heap)).toBeGreaterThan(likelyBytes(flags(''), heap, 16) + heap / 2)
    }
  })

  it('grows with announced direct memory and stacks', () => {
    const plain = likelyBytes(flags(''), GIB, 10)
    expect(likelyBytes(flags('-XX:MaxDirectMemorySize=1g'), GIB, 10)).toBe(plain + GIB)
    expect(likelyBytes(flags('-Xss2m'), GIB, 10)).toBe(plain + 10 * MIB)
  })
})
