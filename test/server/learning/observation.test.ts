import { describe, expect, it } from 'vitest'
import type { NodeView } from '../../../protocol/node.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
import { observationOf, observedNode } from '../../../server/learning/observation.ts'
import { GIB, MIB, nodeId } from '../placement/fixtures.ts'
import { endedRecord } from './fixtures.ts'

const demand = { key: 'sort @0', announcedThreads: null, announcedBytes: null }
const observe = (changes: Partial<ProcessRecord> = {}) =>
  observationOf(endedRecord(changes), demand, { capacity: 4, benchmark: 1 })
const usage = (changes: object) => ({ ...endedRecord().usage, ...changes }) as ProcessRecord['usage']

describe('an ended process teaches', () => {
  it('its threads at work, its peak and its life', () => {
    expect(observe()).toEqual({
      key: 'sort @0',
      node: nodeId(1),
      threads: 2,
      announcedThreads: null,
      peakBytes: 100 * MIB,
      announcedBytes: null,
      lifeMs: 4000,
      cpuSeconds: 8,
      oomKilled: false,
      capacity: 4,
      benchmark: 1,
    })
  })

  it('no more threads at work than it had', () => {
    expect(observe({ usage: usage({ cpuSeconds: 400, peakThreads: 3 }) })?.threads).toBe(3)
  })

  it('that what it was promised did not suffice, when it was killed for memory', () => {
    const ending = { exitStatus: null, signal: 'SIGKILL', oomKilled: true }
    expect(observe({ ending })).toMatchObject({
      oomKilled: true,
      peakBytes: GIB,
      lifeMs: null,
      cpuSeconds: null,
    })
    expect(observe({ ending, usage: usage({ peakMemoryBytes: null }) })?.peakBytes).toBe(GIB)
    expect(observe({ ending, usage: usage({ peakMemoryBytes: 2 * GIB }) })?.peakBytes).toBe(2 * GIB)
  })

  it('nothing of life and speed, when it was cut short', () => {
    const ending = { exitStatus: null, signal: 'SIGTERM', oomKilled: false }
    expect(observe({ ending })).toMatchObject({ threads: 2, lifeMs: null, cpuSeconds: null })
  })

  it('only its life, when it ran where it was typed and nobody saw how it ended', () => {
    const ending = { exitStatus: null, signal: null, oomKilled: false }
    expect(observe({ ending })).toMatchObject({
      threads: null,
      peakBytes: null,
      cpuSeconds: null,
      lifeMs: 4000,
      oomKilled: false,
    })
  })

  it('no threads, when it was over before they could be counted', () => {
    expect(observe({ endedAtMs: 1010 })).toMatchObject({ threads: null, lifeMs: 10 })
    expect(observe({ endedAtMs: 900 })?.lifeMs).toBe(0)
  })

  it('no speed, when it hardly computed', () => {
    expect(observe({ usage: usage({ cpuSeconds: 0.4 }) })?.cpuSeconds).toBeNull()
  })

  it.each<[string, Partial<ProcessRecord>]>([
    ['is lost', { state: 'lost' }],
    ['never started', { startedAtMs: null }],
    ['has no ending', { ending: null }],
    ['has no figures', { usage: null }],
  ])('nothing, when it %s', (_, changes) => {
    expect(observe(changes)).toBeUndefined()
  })

  it('nothing, when its decision is of a version that kept no key', () => {
    expect(
      observationOf(endedRecord(), { ...demand, key: '' }, { capacity: null, benchmark: null }),
    ).toBeUndefined()
  })
})

describe('the node of an observation', () => {
  it('is as wide as its benchmark showed', () => {
    const hardware = { cpu: { threads: 8 } } as NodeView['hardware']
    expect(observedNode({ hardware, speed: { single: 0.5, all: 2.5 } })).toEqual({
      capacity: 5,
      benchmark: 0.5,
    })
  })

  it('may be unknown', () => {
    expect(observedNode({ hardware: null, speed: null })).toEqual({ capacity: null, benchmark: null })
    expect(observedNode(undefined)).toEqual({ capacity: null, benchmark: null })
  })
})
