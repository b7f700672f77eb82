import { expect, test } from 'vitest'
import { memo } from '../../../server/dhcp/memo.ts'

test('each answer is made once, while not too many others are', () => {
  const made: number[] = []
  const double = memo((key: number) => {
    made.push(key)
    return { value: 2 * key }
  })
  expect(double(4)).toBe(double(4))
  expect(double(4)).toEqual({ value: 8 })
  expect(made).toEqual([4])
  for (let key = 1000; key < 1300; key += 1) double(key)
  expect(double(4)).toEqual({ value: 8 })
  expect(made.filter(key => key === 4)).toHaveLength(2)
})

test('what cannot be made is tried again each time', () => {
  const refuse = memo((key: string): string => {
    throw new RangeError(key)
  })
  expect(() => refuse('a')).toThrow('a')
  expect(() => refuse('a')).toThrow('a')
})
