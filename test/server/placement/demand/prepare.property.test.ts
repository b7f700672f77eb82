import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Demand } from '../../../../protocol/decision.ts'
import { SIZING_VARIABLES } from '../../../../protocol/sizing-variables.ts'
import { type Knowledge, NOTHING_KNOWN } from '../../../../server/learning/knowledge.ts'
import { Learning } from '../../../../server/learning/learning.ts'
import type { Observation } from '../../../../server/learning/observation.ts'
import { estimateDemand } from '../../../../server/placement/demand/prepare.ts'
import { anyRun } from '../../learning/fixtures.ts'
import { GIB, MIB, RULES, request } from '../fixtures.ts'

const shape = fc.record({
  capacity: fc.double({ min: 1, max: 256, noNaN: true }),
  memoryTotalBytes: fc.integer({ min: 64 * MIB, max: 4096 * GIB }),
})
const size = fc.tuple(fc.nat(4096), fc.constantFrom('', 'k', 'm', 'g', 't', 'x')).map(parts => parts.join(''))
const flag = fc
  .tuple(
    fc.constantFrom(
      ...['-Xmx', '-Xms', '-Xss', '-XX:MaxRAM=', '-XX:MaxRAMPercentage=', '-XX:MaxRAMFraction='],
      ...['-XX:ActiveProcessorCount=', '-XX:MaxDirectMemorySize=', '-XX:ReservedCodeCacheSize='],
      ...['-XX:MaxMetaspaceSize=', '-j', '--jobs=', '--max-old-space-size=', '+S', '@', '-J-Xmx', '-J'],
    ),
    fc.oneof(size, fc.string()),
  )
  .map(parts => parts.join(''))
const word = fc.oneof(
  flag,
  fc.string(),
  fc.constantFrom('-jar', '-cp', '-m', '--disable-@files', '@args', '--'),
)
const executable = fc.oneof(
  fc.constantFrom(
    'env',
    'nice',
    'java',
    '/opt/jdk/bin/java',
    'javac',
    'mvn',
    'make',
    'node',
    'erl',
    'python3',
    'cargo',
  ),
  fc.string(),
)
const command = fc
  .tuple(executable, fc.array(word, { maxLength: 8 }))
  .map(([name, words]) => [name, ...words])
const env = fc.dictionary(fc.constantFrom(...SIZING_VARIABLES), fc.oneof(flag, fc.string()))
const argFiles = fc.dictionary(fc.constantFrom('args', 'x'), fc.oneof(flag, fc.string()))

const MAX_SANE_BYTES = 2 ** 50

const estimate = (
  words: readonly string[],
  on: { capacity: number; memoryTotalBytes: number },
  knowledge: Knowledge = NOTHING_KNOWN,
  changes: object = {},
) =>
  estimateDemand({ ...request('x', changes), command: words }, on, {
    referenceBytes: 4 * GIB,
    rules: RULES,
    knowledge,
    nowMs: 0,
  })

describe('the demand of any command', () => {
  it('is finite, positive and sane, and the same for the same command', () => {
    fc.assert(
      fc.property(command, env, argFiles, shape, (words, variables, files, on) => {
        const changes = { env: variables, argFiles: new Map(Object.entries(files)) }
        const demand = estimate(words, on, NOTHING_KNOWN, changes)
        expect(Demand.parse(demand)).toEqual(demand)
        expect(demand.threads).toBeLessThanOrEqual(100_000)
        expect(demand.memoryBytes).toBeLessThanOrEqual(MAX_SANE_BYTES)
        expect(demand.memoryMaxBytes ?? demand.memoryBytes).toBeGreaterThanOrEqual(demand.memoryBytes)
        expect(estimate(words, on, NOTHING_KNOWN, changes)).toEqual(demand)
      }),
      { numRuns: 300 },
    )
  })

  it('without a heap size does not let the node decide how the JVM behaves', () => {
    const plain = fc.constantFrom(
      'java Main',
      'java -XX:MaxRAMPercentage=60 Main',
      'javac A.java',
      'mvn test',
    )
    fc.assert(
      fc.property(plain, shape, shape, (line, one, other) => {
        const [a, b] = [one, other].map(on => estimate(line.split(' '), on))
        expect(a?.memoryMaxBytes).toBe(4 * GIB)
        expect(b?.memoryMaxBytes).toBe(a?.memoryMaxBytes)
        expect(b?.threads).toBe(a?.threads)
      }),
    )
  })

  it('never falls when a memory flag grows', () => {
    const growing = fc.constantFrom(
      ...['-Xmx', '-XX:MaxRAM=', '-Xss', '-XX:MaxDirectMemorySize=', '-XX:ReservedCodeCacheSize='],
      ...['-XX:MaxMetaspaceSize=', '-Xms', '-XX:MaxHeapSize='],
    )
    const mebibytes = fc.integer({ min: 1, max: 100_000 })
    const runs = fc.array(anyRun, { maxLength: 12 })
    fc.assert(
      fc.property(growing, mebibytes, mebibytes, shape, runs, (name, a, b, on, all) => {
        const of = (count: number) => ['java', '-Xmx1g', `${name}${count}m`, 'Main']
        const learning = taught(all, estimate(of(a), on))
        const small = estimate(of(Math.min(a, b)), on, learning)
        const large = estimate(of(Math.max(a, b)), on, learning)
        expect(large.memoryBytes).toBeGreaterThanOrEqual(small.memoryBytes)
        expect(Number(large.memoryMaxBytes)).toBeGreaterThanOrEqual(Number(small.memoryMaxBytes))
      }),
    )
  })
})

/** Runs of the command of `demand` that announced what it announces. */
function taught(runs: readonly Observation[], demand: Demand): Learning {
  const { key, announcedBytes, announcedThreads } = demand
  const learning = new Learning()
  for (const [index, run] of runs.entries())
    learning.note({ ...run, key, announcedBytes, announcedThreads }, index)
  return learning
}

describe('learning', () => {
  const line = fc.constantFrom('sort -u', 'java -Xmx1g Main', 'java Main', 'make -j8', 'node a.js')

  it('never demands less memory than half of the runs needed', () => {
    fc.assert(
      fc.property(line, fc.array(anyRun, { minLength: 1, maxLength: 40 }), shape, (text, runs, on) => {
        const words = text.split(' ')
        const first = estimate(words, on)
        const bytes = runs.map(run => ({ ...run, oomKilled: false, lifeMs: 1 }))
        const learning = taught(bytes, first)
        const median = learning.experience(first.key, 0)?.memory(first.announcedBytes)?.median ?? 0
        const { memoryBytes, memoryMaxBytes } = estimate(words, on, learning)
        // What a limit would not have let it have, it did not need.
        expect(memoryBytes).toBeGreaterThanOrEqual(Math.floor(Math.min(median, memoryMaxBytes ?? median)))
      }),
    )
  })

  it('demands more after a run that was killed for memory, whatever the runs before', () => {
    fc.assert(
      fc.property(line, fc.array(anyRun, { maxLength: 40 }), shape, (text, runs, on) => {
        const words = text.split(' ')
        const first = estimate(words, on)
        const learning = taught(
          runs.map(run => ({ ...run, oomKilled: false, lifeMs: 1 })),
          first,
        )
        const before = estimate(words, on, learning)
        const { key, announcedBytes, announcedThreads, memoryBytes: peakBytes } = before
        const [run] = fc.sample(anyRun, { numRuns: 1, seed: 1 })
        if (run === undefined) return
        const killed = { ...run, oomKilled: true, lifeMs: null, cpuSeconds: null, peakBytes }
        learning.note({ ...killed, key, announcedBytes, announcedThreads }, 1)
        expect(estimate(words, on, learning).memoryBytes).toBeGreaterThan(before.memoryBytes)
      }),
    )
  })
})
