import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { connect, createServer, Socket } from 'node:net'
import { expect, it } from 'vitest'
import { descriptorOf } from '../../../../server/io/native/descriptor.ts'

it('finds the descriptor of a datagram socket while it is open', async () => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  expect(descriptorOf(socket)).toBeGreaterThan(2)
  socket.close()
  expect(descriptorOf(socket)).toBeUndefined()
})

it('finds that of a connection, and none before it is one or after its end', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1')
  await once(socket, 'connect')
  expect(descriptorOf(socket)).toBeGreaterThan(2)
  socket.destroy()
  server.close()
  expect(descriptorOf(socket)).toBeUndefined()
  expect(descriptorOf(new Socket())).toBeUndefined()
})

it.each([
  ['no number', { fd: '7' }],
  ['a closed descriptor', { fd: -1 }],
  ['what is no socket', { fd: openSync('/dev/null', 'r') }],
  ['nothing', undefined],
])('says undefined where Node has %s', (_, handle) => {
  const changed = Object.assign(Object.create(Socket.prototype), { _handle: handle })
  expect(descriptorOf(changed)).toBeUndefined()
})
