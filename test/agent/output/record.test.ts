import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRecords, encodeRecord, RECORD_HEAD_BYTES } from '../../../agent/output/record.ts'

const record = fc.record({
  stream: fc.constantFrom<1 | 2>(1, 2),
  atMs: fc.integer({ min: 0, max: 2 ** 45 }),
  bytes: fc.uint8Array({ maxLength: 40 }),
})

test('records come out as they went in, each where it lies; half a one at the end is left out', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), fc.nat(RECORD_HEAD_BYTES + 40), (records, cut) => {
      const encoded = records.map(encodeRecord)
      const file = Buffer.concat(encoded)
      const kept = file.subarray(0, Math.max(0, file.length - cut))
      let at = 0
      const expected = records.map((one, index) => {
        const start = at
        at += encoded[index]?.length ?? 0
        return { ...one, start, end: at }
      })
      expect(decodeRecords(kept).map(one => ({ ...one, bytes: Uint8Array.from(one.bytes) }))).toEqual(
        expected.filter(({ end }) => end <= kept.length),
      )
    }),
  )
})
