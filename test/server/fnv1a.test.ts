import { expect, it } from 'vitest'
import { fnv1a } from '../../server/fnv1a.ts'

// Vectors of the FNV reference (draft-eastlake-fnv, appendix C), 32 bits.
it.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('the hash of "%s" is that of the reference', (text, expected) => {
  expect(fnv1a(text)).toBe(expected)
})
