import { jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { NodeId } from '../../../../config/values/node-id.ts'
import { createTicketSigner, ticketKeyOf } from '../../../../server/cluster/io/ticket-key.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const secret = new Uint8Array(32).fill(7)
const node = NodeId.parse('n-525400770001')
const other = NodeId.parse('n-525400770002')

test('a ticket is a JWT that anybody with the key can check', async () => {
  const sign = createTicketSigner(secret)
  for (const bootId of ['boot 1', 'boot 2', 'boot 1']) {
    const ticket = sign('{"jti":"p-0123456789","what":"für dich"}', node, bootId)
    const { payload, protectedHeader } = await jwtVerify(ticket, ticketKeyOf(secret, node, bootId))
    expect(payload).toEqual({ jti: 'p-0123456789', what: 'für dich' })
    expect(protectedHeader).toEqual({ alg: 'HS256' })
    await expect(jwtVerify(ticket, ticketKeyOf(secret, other, bootId))).rejects.toThrow(/signature/)
  }
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
