import { expect, test } from 'vitest'
import { splitAtEscape } from '../../lab/console-keys.ts'

test.each([
  [[], [], false],
  [[0x61, 0x0d], [0x61, 0x0d], false],
  [[0x1d], [], true],
  [[0x61, 0x1d, 0x62], [0x61], true],
])('typed %j', (typed, before, escaped) => {
  expect(splitAtEscape(Uint8Array.from(typed))).toEqual({ before: Uint8Array.from(before), escaped })
})
