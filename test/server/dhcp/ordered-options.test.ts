import fc from 'fast-check'
import { expect, test } from 'vitest'
import { optionRank } from '../../../server/dhcp/option-order.ts'
import { optionSizeBytes } from '../../../server/dhcp/options/area.ts'
import { inWireOrder, orderedOptions, wireSizeBytes } from '../../../server/dhcp/ordered-options.ts'

const pair = fc.tuple(fc.integer({ min: 1, max: 254 }), fc.uint8Array({ maxLength: 300 }))
const groups = fc.array(fc.array(pair, { maxLength: 8 }), { maxLength: 4 })

test('groups come to what a map would hold, in the order of the wire', () => {
  fc.assert(
    fc.property(groups, some => {
      const options = orderedOptions(...some)
      const map = new Map(some.flat())
      expect(new Map(options)).toEqual(map)
      expect(options.size).toBe(map.size)
      expect(wireSizeBytes(options)).toBe(wireSizeBytes(map))
      expect(inWireOrder(options)).toEqual(inWireOrder(map))
      expect([...options.keys()]).toEqual([...map.keys()].sort((a, b) => optionRank(a) - optionRank(b)))
      expect([...options.values()]).toEqual([...options.keys()].map(code => map.get(code)))
      for (const code of [...map.keys(), 255])
        expect([options.has(code), options.get(code)]).toEqual([map.has(code), map.get(code)])
    }),
  )
})

test('no two options have the same place', () => {
  expect(new Set(Array.from({ length: 256 }, (_, code) => optionRank(code))).size).toBe(256)
})

test('a long value counts the heads of its fragments', () => {
  const long = new Uint8Array(300)
  expect(wireSizeBytes(orderedOptions([[12, long]]))).toBe(optionSizeBytes(long))
  expect(optionSizeBytes(long)).toBe(304)
})
