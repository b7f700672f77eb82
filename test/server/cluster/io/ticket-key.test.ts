import { expect, test } from 'vitest'
import { NodeId } from '../../../../config/values/node-id.ts'
import { hmacSha256, ticketKeyOf } from '../../../../server/cluster/io/ticket-key.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const secret = new Uint8Array(32).fill(7)
const node = NodeId.parse('n-525400770001')
const other = NodeId.parse('n-525400770002')

test('HMAC-SHA-256 is that of RFC 4231, test case 2', () => {
  const text = new TextEncoder()
  expect(hex(hmacSha256(text.encode('Jefe'), text.encode('what do ya want for nothing?')))).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

test('each boot of each node has a key of its own, the same each time', () => {
  const keys = [
    ticketKeyOf(secret, node, 'boot 1'),
    ticketKeyOf(secret, node, 'boot 2'),
    ticketKeyOf(secret, other, 'boot 1'),
    ticketKeyOf(new Uint8Array(32).fill(8), node, 'boot 1'),
  ].map(hex)
  expect(new Set(keys).size).toBe(4)
  expect(keys.every(key => key.length === 64)).toBe(true)
  expect(hex(ticketKeyOf(secret, node, 'boot 1'))).toBe(keys[0])
})
