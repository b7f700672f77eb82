import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRecent } from '../../server/recent.ts'

test('it knows the keys set last, with their last values, and never more than it may', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 300 }), keys => {
      const recent = createRecent<number, number>(16)
      const last = new Map<number, number>()
      for (const [at, key] of keys.entries()) {
        recent.set(key, at)
        last.delete(key)
        last.set(key, at)
        const known = [...last].filter(([each]) => recent.get(each) !== undefined)
        expect(known.map(([each]) => recent.get(each))).toEqual(known.map(([, value]) => value))
        expect(known.length).toBeLessThanOrEqual(16)
        for (const [each, value] of [...last].slice(-8)) expect(recent.get(each)).toBe(value)
      }
    }),
  )
})

test('a deleted key is gone from both generations', () => {
  const recent = createRecent<string, number>(4)
  for (const [at, key] of ['a', 'b', 'c', 'a'].entries()) recent.set(key, at)
  expect(recent.get('a')).toBe(3)
  recent.delete('a')
  expect(recent.get('a')).toBeUndefined()
  expect(recent.get('b')).toBe(1)
})
