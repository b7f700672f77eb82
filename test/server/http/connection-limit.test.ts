import { expect, it } from 'vitest'
import { ConnectionLimit } from '../../../server/http/connection-limit.ts'

it('gives each address its places, and remembers none that has left', () => {
  const limit = new ConnectionLimit(2)
  expect(['a', 'a', 'a', 'b'].map(address => limit.enter(address))).toEqual([true, true, false, true])
  limit.leave('a')
  expect(limit.enter('a')).toBe(true)
  for (const address of ['a', 'a', 'b']) limit.leave(address)
  expect(limit.addresses).toBe(0)
})
