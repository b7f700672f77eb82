import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOTHING_KNOWN } from '../../../../server/learning/knowledge.ts'
import { demandBy, prepareDemand } from '../../../../server/placement/demand/prepare.ts'
import { Readings } from '../../../../server/placement/demand/readings.ts'
import type { PlaceRequest } from '../../../../server/placement/request.ts'
import { GIB, RULES, request } from '../fixtures.ts'

const SHAPES = [1, 8].map(capacity => ({ capacity, memoryTotalBytes: capacity * GIB }))
const context = { rules: RULES, knowledge: NOTHING_KNOWN, nowMs: 0 }

/** What is demanded by a reading that may be kept, and by one made afresh. */
function both(readings: Readings, one: PlaceRequest, referenceBytes: number) {
  const kept = demandBy(readings.of(one, referenceBytes), one, context)
  const afresh = prepareDemand(one, { ...context, referenceBytes })
  return { kept: SHAPES.map(kept), afresh: SHAPES.map(afresh) }
}

// Few words, so that the same command line comes again, and others that only look like it when written in one line.
const word = fc.constantFrom('java', '-Xmx1g', '-jar', 'a.jar', '', ',', 'MAKEFLAGS', 'make', '-j8', '@args')
const anyRequest = fc
  .record({
    command: fc.array(word, { minLength: 1, maxLength: 4 }),
    env: fc.dictionary(fc.constantFrom('MAKEFLAGS', 'JAVA_TOOL_OPTIONS'), word),
    uid: fc.constantFrom(undefined, 0, 1000),
    argFiles: fc.constantFrom(undefined, undefined, '-Xmx2g', '-Xmx3g'),
  })
  .map(({ command, env, uid, argFiles }) => ({
    ...request('x'),
    command,
    env,
    ...(uid === undefined ? {} : { uid }),
    ...(argFiles === undefined ? {} : { argFiles: new Map([['args', argFiles]]) }),
  }))

describe('readings that are kept', () => {
  it('say of each command what a reading made afresh says, in whatever order they come', () => {
    const any = fc.array(fc.tuple(anyRequest, fc.constantFrom(GIB, 4 * GIB)), { maxLength: 40 })
    fc.assert(
      fc.property(any, all => {
        const readings = new Readings(RULES)
        for (const [one, referenceBytes] of all) {
          const { kept, afresh } = both(readings, one, referenceBytes)
          expect(kept).toEqual(afresh)
        }
      }),
    )
  })

  it('are made once for a command line, and again when the reference is another', () => {
    const readings = new Readings(RULES)
    const first = readings.of(request('java -jar a.jar'), GIB)
    expect(readings.of(request('java -jar a.jar'), GIB)).toBe(first)
    expect(readings.of(request('java -jar a.jar'), 2 * GIB)).not.toBe(first)
  })

  it('are forgotten before they are too many', () => {
    const readings = new Readings(RULES)
    const first = readings.of(request('sort'), GIB)
    for (let n = 1; n < 256; n += 1) readings.of(request(`sort ${n}`), GIB)
    expect(readings.of(request('sort'), GIB)).toBe(first)
    readings.of(request('sort 256'), GIB)
    expect(readings.of(request('sort'), GIB)).not.toBe(first)
  })
})
