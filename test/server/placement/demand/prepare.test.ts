import { describe, expect, it } from 'vitest'
import { Demand } from '../../../../protocol/decision.ts'
import { NOTHING_KNOWN } from '../../../../server/learning/knowledge.ts'
import { estimateDemand } from '../../../../server/placement/demand/prepare.ts'
import { referenceBytes } from '../../../../server/placement/demand/reference.ts'
import { cluster, GIB, MIB, node, RULES, request } from '../fixtures.ts'

const SHAPE = { capacity: 4, memoryTotalBytes: 128 * GIB }

const demand = (command: string, changes = {}, referenceBytes = 4 * GIB) => {
  const context = { referenceBytes, rules: RULES, knowledge: NOTHING_KNOWN, nowMs: 0 }
  const estimate = estimateDemand(request(command, changes), SHAPE, context)
  expect(Demand.parse(estimate)).toEqual(estimate)
  return estimate
}

describe('demand', () => {
  it('of a program nothing is known of is the default, without a limit', () => {
    expect(demand('sort -u')).toEqual({
      threads: 1,
      memoryBytes: 512 * MIB,
      memoryMaxBytes: null,
      threadsFrom: 'default',
      memoryFrom: 'default',
      lifeMs: null,
      key: 'sort @0',
      announcedThreads: null,
      announcedBytes: null,
    })
  })

  it('asked for goes before everything, and is the limit', () => {
    const asked = { memoryBytes: 100 * MIB, memoryMaxBytes: 100 * MIB, memoryFrom: 'request' }
    expect(demand('sort -u', { memoryBytes: 100 * MIB })).toMatchObject(asked)
    expect(demand('java -Xmx8g Main', { memoryBytes: 100 * MIB })).toMatchObject({ ...asked, threads: 4 })
  })

  it('has as many threads as were asked for', () => {
    expect(demand('make -j8', { threads: 3 })).toMatchObject({ threads: 3, threadsFrom: 'request' })
    expect(demand('sort -u', { threads: 0.5 })).toMatchObject({ threads: 0.5, memoryFrom: 'default' })
  })

  it('of a JVM with a heap size is the same on whatever memory', () => {
    const small = demand('java -Xmx256m -jar app.jar', {}, GIB)
    expect(small).toEqual(demand('java -Xmx256m -jar app.jar', {}, 64 * GIB))
    expect(small.memoryFrom).toBe('-Xmx256m')
    expect(small.memoryBytes).toBeGreaterThan(256 * MIB)
    expect(small.memoryMaxBytes).toBeGreaterThan(2 * 256 * MIB)
  })

  it('is that of the program, whoever starts it', () => {
    const wrapped = demand('nice -n 5 env JAVA_TOOL_OPTIONS=-Xmx256m java -jar app.jar')
    expect(wrapped).toMatchObject({ key: 'java app.jar @0', memoryFrom: '-Xmx256m in JAVA_TOOL_OPTIONS' })
  })

  it('of a JVM without one is a share of the reference, which is also its limit', () => {
    const { memoryBytes, memoryMaxBytes, memoryFrom } = demand('java -jar app.jar', {}, 4 * GIB)
    expect(memoryMaxBytes).toBe(4 * GIB)
    expect(memoryBytes).toBeGreaterThan(GIB)
    expect(memoryBytes).toBeLessThan(2 * GIB)
    expect(memoryFrom).toBe('default heap, 25 % of the smallest ready node')
  })

  it('never goes beyond its own limit', () => {
    const { memoryBytes } = demand('java -XX:MaxRAMPercentage=100 Main', {}, GIB)
    expect(memoryBytes).toBe(GIB)
  })

  it('reads variables and argument files, and says what it could not read', () => {
    const env = { JDK_JAVA_OPTIONS: '-Xmx64m' }
    expect(demand('java Main', { env }).memoryFrom).toBe('-Xmx64m in JDK_JAVA_OPTIONS')
    const argFiles = new Map([['run.args', '-XX:ActiveProcessorCount=12 Main']])
    expect(demand('java @run.args', { argFiles })).toMatchObject({
      threads: 12,
      threadsFrom: '-XX:ActiveProcessorCount=12 in @run.args',
    })
    expect(demand('java @gone.args Main').memoryFrom).toContain('(not read: @gone.args)')
    expect(demand('sort', { env }).memoryFrom).toBe('default')
  })
})

describe('the reference', () => {
  it('is the smallest node that is ready', () => {
    const nodes = [
      node(1, { memoryTotalBytes: 16 * GIB }),
      node(2, { memoryTotalBytes: 4 * GIB }),
      node(3, { memoryTotalBytes: GIB, state: 'lost' }),
    ]
    expect(referenceBytes(cluster(...nodes))).toBe(4 * GIB)
    expect(referenceBytes(cluster())).toBe(RULES.defaultMemoryBytes)
  })
})
