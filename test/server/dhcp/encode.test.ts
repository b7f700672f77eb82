import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode } from '../../../server/dhcp/decode.ts'
import { encode } from '../../../server/dhcp/encode.ts'
import { readArea } from '../../../server/dhcp/options/area.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { packetOf } from './scene.ts'

test('C016 a value above 255 bytes is split into adjacent fragments and comes back whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 1100 }), value => {
      const bytes = encode(
        packetOf({
          options: [
            [OPTION.messageType, [1]],
            [OPTION.userClass, [...value]],
          ],
        }),
      )
      const fragments = readArea(bytes.subarray(240)).tlvs.slice(1)
      expect(fragments.every(fragment => fragment.code === OPTION.userClass)).toBe(true)
      expect(fragments).toHaveLength(Math.max(1, Math.ceil(value.length / 255)))
      const decoded = decode(bytes)
      expect(decoded.kind === 'packet' && decoded.packet.options.get(OPTION.userClass)).toEqual(value)
    }),
  )
})

test.each([
  ['file', 'f'.repeat(128)],
  ['sname', 's'.repeat(64)],
])('a %s that leaves no room for its NUL is an error, not cut', (field, value) => {
  expect(() => encode({ ...packetOf({}), [field]: value })).toThrow(RangeError)
  expect(() => encode({ ...packetOf({}), [field]: value.slice(1) })).not.toThrow()
})
