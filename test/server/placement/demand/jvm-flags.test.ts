import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COMMAND_LINE } from '../../../../server/placement/demand/jvm-command.ts'
import { type JvmFlags, readJvmFlags } from '../../../../server/placement/demand/jvm-flags.ts'
import { MIB } from '../fixtures.ts'

const read = (text: string) =>
  readJvmFlags(text.split(' ').map(option => ({ text: option, source: COMMAND_LINE })))

describe('flags of a JVM', () => {
  it.each<[string, keyof JvmFlags, number]>([
    ['-Xmx64m', 'maxHeap', 64 * MIB],
    ['-Xmx64M', 'maxHeap', 64 * MIB],
    ['-Xmx67108864', 'maxHeap', 64 * MIB],
    ['-Xmx65536K', 'maxHeap', 64 * MIB],
    ['-mx80m', 'maxHeap', 80 * MIB],
    ['-Xmx64m -XX:MaxHeapSize=128m', 'maxHeap', 128 * MIB],
    ['-XX:MaxHeapSize=128m -Xmx1t', 'maxHeap', 2 ** 40],
    ['-Xms300m', 'initialHeap', 300 * MIB],
    ['-XX:InitialHeapSize=300m', 'initialHeap', 300 * MIB],
    ['-Xss512k', 'stack', MIB / 2],
    ['-XX:ThreadStackSize=512', 'stack', MIB / 2],
    ['-XX:MaxRAM=2g', 'maxRam', 2 ** 31],
    ['-XX:MaxRAMPercentage=75.5', 'maxRamPercentage', 75.5],
    ['-XX:MinRAMPercentage=80', 'minRamPercentage', 80],
    ['-XX:ActiveProcessorCount=3', 'activeProcessors', 3],
    ['-XX:MaxDirectMemorySize=1g', 'maxDirectMemory', 2 ** 30],
    ['-XX:ReservedCodeCacheSize=48m', 'codeCache', 48 * MIB],
    ['-XX:MaxMetaspaceSize=1g', 'maxMetaspace', 2 ** 30],
    ['-XX:MaxRAMFraction=2', 'maxRamFraction', 2],
    ['-XX:MinRAMFraction=4', 'minRamFraction', 4],
    ['-XX:+UseG1GC -XX:+UseParallelGC', 'collector', 1],
    ['-Xmx0x4000000', 'maxHeap', 64 * MIB],
  ])('%s', (text, flag, value) => {
    expect(read(text)).toEqual({ [flag]: { value, from: text.split(' ').at(-1) } })
  })

  it.each([
    '-Xmx',
    '-Xmx0',
    '-Xmx1.5g',
    '-Xmx-1',
    '-Xmx64mb',
    '-Xmx999999999999999t',
    '-XX:MaxRAMPercentage=0',
    '-XX:MaxRAMPercentage=150',
    '-XX:ActiveProcessorCount=-1',
    '-XX:-UseZGC',
    '-XX:+UseNoGC',
    '-XX:InitialRAMPercentage=90',
    '-Xmx0x',
    '-verbose',
  ])('%s says nothing', text => {
    expect(read(text)).toEqual({})
  })

  it('tells in which variable or file one stood', () => {
    expect(readJvmFlags([{ text: '-Xmx1m', source: '@app.args' }]).maxHeap?.from).toBe('-Xmx1m in @app.args')
  })

  it('are safe positive numbers or absent, whatever the text', () => {
    const flag = fc.constantFrom(
      '-Xmx',
      '-Xss',
      '-XX:MaxRAM=',
      '-XX:MaxRAMPercentage=',
      '-XX:ThreadStackSize=',
    )
    fc.assert(
      fc.property(flag, fc.string(), (name, text) => {
        for (const { value } of Object.values(read(name + text))) {
          expect(value > 0 && value <= Number.MAX_SAFE_INTEGER).toBe(true)
        }
      }),
    )
  })
})
