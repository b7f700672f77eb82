import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readArea } from '../../../../server/dhcp/options/area.ts'
import { OPTION } from '../../../../server/dhcp/options/code.ts'
import { optionsInPlace } from '../../../../server/dhcp/options/in-place.ts'
import { joinOptions } from '../../../../server/dhcp/options/join.ts'
import { checkLengths } from '../../../../server/dhcp/options/length.ts'

/** Codes with and without rules, few enough to come twice. */
const code = fc.constantFrom(0, 12, 50, 52, 53, 55, 57, 61, 77, 82, 93, 97, 255)
const option = fc
  .tuple(code, fc.uint8Array({ maxLength: 20 }))
  .map(([first, value]) => [first, value.length, ...value])
const field = fc
  .tuple(fc.array(option, { maxLength: 12 }), fc.nat({ max: 4 }))
  .map(([options, cut]) => options.flat().slice(0, options.flat().length - cut))

test('an ordinary field reads as when it is taken apart, joined and checked; any other is left to that', () => {
  let ordinary = 0
  fc.assert(
    fc.property(field, octets => {
      const area = readArea(Uint8Array.from(octets))
      const codes = area.tlvs.map(tlv => tlv.code)
      const checked = checkLengths(joinOptions(area.tlvs))
      const isOrdinary =
        area.cutOffAt === undefined &&
        new Set(codes).size === codes.length &&
        !codes.includes(OPTION.overload) &&
        checked.kind === 'options' &&
        checked.ignored.length === 0
      const found = optionsInPlace(Uint8Array.from([9, 9, 9, ...octets]), 3)
      expect(found !== undefined).toBe(isOrdinary)
      if (found === undefined || checked.kind !== 'options') return
      ordinary += 1
      expect(new Map(found)).toEqual(checked.options)
      expect([found.size, [...found.keys()], [...found.values()]]).toEqual([
        codes.length,
        [...checked.options.keys()],
        [...checked.options.values()],
      ])
      for (const each of [...codes, 1, 255])
        expect([found.get(each), found.has(each)]).toEqual([
          checked.options.get(each),
          checked.options.has(each),
        ])
    }),
    { numRuns: 2000 },
  )
  expect(ordinary).toBeGreaterThan(50)
})

test('long values and those of an empty option are read too', () => {
  const long = Array.from({ length: 200 }, (_, at) => at)
  const found = optionsInPlace(Uint8Array.from([0, 0, 12, 0, 82, 200, ...long, 255]), 0)
  expect(found?.get(12)).toEqual(new Uint8Array())
  expect(found?.get(82)).toEqual(Uint8Array.from(long))
})
