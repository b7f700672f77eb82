import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseRange } from '../../../server/http/range.ts'

describe('chooseRange (RFC 9110 §14)', () => {
  it.each([
    [undefined, { kind: 'whole' }],
    ['bytes=0-99', { kind: 'part', start: 0, end: 99 }],
    ['bytes=100-', { kind: 'part', start: 100, end: 999 }],
    ['bytes=-50', { kind: 'part', start: 950, end: 999 }],
    ['bytes=-5000', { kind: 'part', start: 0, end: 999 }],
    ['bytes=990-5000', { kind: 'part', start: 990, end: 999 }],
    ['bytes=999-999', { kind: 'part', start: 999, end: 999 }],
    ['bytes=1000-', { kind: 'unsatisfiable' }],
    ['bytes=1000-2000', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=5-2', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=0-1,5-6', { kind: 'whole' }],
    ['bytes=a-b', { kind: 'whole' }],
    ['octets=0-1', { kind: 'whole' }],
  ])('%s of 1000', (header, expected) => {
    expect(chooseRange(header, 1000)).toEqual(expected)
  })

  it('never reaches outside the file, whatever the header', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
      fc.nat().map(n => `bytes=-${n}`),
    )
    fc.assert(
      fc.property(header, fc.nat({ max: 2000 }), (text, sizeBytes) => {
        const choice = chooseRange(text, sizeBytes)
        if (choice.kind !== 'part') return
        expect(choice.start).toBeGreaterThanOrEqual(0)
        expect(choice.end).toBeGreaterThanOrEqual(choice.start)
        expect(choice.end).toBeLessThan(sizeBytes)
      }),
    )
  })
})
