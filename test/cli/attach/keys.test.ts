import { describe, expect, test } from 'vitest'
import { NO_KEYS, readKeys } from '../../../cli/attach/keys.ts'

const typed = (text: string) => new TextEncoder().encode(text)

describe('keys at an attached process', () => {
  test('^C and ^\\ are signals for it, the rest is nothing', () => {
    const { leaves, signals } = readKeys(NO_KEYS, typed('a\x03b\x1c\x1a\x03'))
    expect([signals, leaves]).toEqual([['SIGINT', 'SIGQUIT', 'SIGINT'], false])
  })

  test.each([
    ['together', ['\x10\x11']],
    ['one after the other', ['\x10', '\x11']],
    ['after a first one in vain', ['\x10\x10', '\x11']],
  ])('^P ^Q leaves it: %s', (_, pieces) => {
    let keys = NO_KEYS
    const left = pieces.map(piece => {
      const read = readKeys(keys, typed(piece))
      keys = read.keys
      return read.leaves
    })
    expect(left.at(-1)).toBe(true)
    expect(left.slice(0, -1)).not.toContain(true)
  })

  test('with another key between them they mean nothing; nothing after them is read', () => {
    expect(readKeys(NO_KEYS, typed('\x10x\x11')).leaves).toBe(false)
    expect(readKeys(NO_KEYS, typed('\x10\x11\x03')).signals).toEqual([])
  })
})
