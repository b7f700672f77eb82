import { describe, expect, it } from 'vitest'
import { HistoryBook } from '../../../server/learning/book.ts'
import { GLOBAL_KEY } from '../../../server/learning/key.ts'
import { MIB } from '../placement/fixtures.ts'
import { observation } from './fixtures.ts'

const keysOf = (book: HistoryBook) => book.all().map(({ key }) => key)

describe('the book of histories', () => {
  it('counts a run for its command, its executable and everything', () => {
    const book = new HistoryBook(10)
    const { learned, forgotten } = book.note(observation({ key: 'java a.jar @0' }), null, 1)
    expect(learned.map(({ key }) => key)).toEqual([GLOBAL_KEY, 'java', 'java a.jar @0'])
    expect(forgotten).toEqual([])
    book.note(observation({ key: 'java b.jar @0' }), null, 2)
    expect(book.experience('java', 2)?.runs).toBe(2)
    expect(book.experience('java a.jar @0', 2)?.runs).toBe(1)
    expect(book.experience('java c.jar @0', 2)).toBeUndefined()
  })

  it('forgets what ran longest ago when it is full, and says so', () => {
    const book = new HistoryBook(4)
    book.note(observation({ key: 'a @0' }), null, 1)
    const { forgotten } = book.note(observation({ key: 'b @0' }), null, 2)
    expect(forgotten).toEqual(['a'])
    expect(keysOf(book)).toEqual(['b @0', 'b', GLOBAL_KEY, 'a @0'])
  })

  it('opens with what was kept, the latest of it when that is too much', () => {
    const first = new HistoryBook(10)
    for (const [index, key] of ['a @0', 'b @0', 'a @0'].entries())
      first.note(observation({ key, peakBytes: MIB }), null, index)
    const again = new HistoryBook(10, first.all().toReversed())
    expect(new Set(keysOf(again))).toEqual(new Set(keysOf(first)))
    expect(again.experience('a @0', 3)?.memory(null)).toEqual(first.experience('a @0', 3)?.memory(null))
    expect(keysOf(new HistoryBook(3, first.all()))).not.toContain('b @0')
  })

  it('answers anew after each run, and nothing once told to forget', () => {
    const book = new HistoryBook(10)
    book.note(observation({ key: 'a @0', peakBytes: MIB }), null, 1)
    expect(book.experience('a @0', 1)?.memory(null)?.high).toBe(MIB)
    book.note(observation({ key: 'a @0', peakBytes: 2 * MIB }), null, 2)
    expect(book.experience('a @0', 2)?.memory(null)?.high).toBe(2 * MIB)
    expect(book.forget('a @0')).toBe(true)
    expect(book.forget('a @0')).toBe(false)
    expect(book.experience('a @0', 2)).toBeUndefined()
  })
})
