import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { descriptorOf } from '../../../../server/io/native/descriptor.ts'
import { type Libc, loadLibc } from '../../../../server/io/native/libc.ts'
import { loopDescriptor } from '../../../../server/io/native/loop-descriptor.ts'
import { openUdp } from '../../../../server/tftp/io/udp.ts'
import { LOOPBACK } from '../../tftp/tftp-rig.ts'

const real = loadLibc()
const opened: Socket[] = []
afterEach(() => {
  for (const socket of opened.splice(0)) socket.close()
})

/** A socket that this thread's event loop listens to. */
async function heardSocket(): Promise<Socket> {
  const socket = await openUdp(LOOPBACK, 0)
  opened.push(socket)
  socket.send('to itself', socket.address().port, LOOPBACK)
  await once(socket, 'message')
  return socket
}

describe('the descriptor of the event loop', { skip: real === undefined }, () => {
  const libc = real as Libc

  // What runs the tests has something to say now and then, too: that is why this is asked more than once.
  it('is readable when the loop has something to do, and only then', async () => {
    const socket = await heardSocket()
    const loop = loopDescriptor(descriptorOf(socket) ?? -1)
    const entry = new Uint8Array(new Int32Array([loop ?? -1, 1]).buffer)
    expect(loop).toBeGreaterThan(2)
    await expect.poll(() => libc.poll(entry, 1, 0)).toBe(0)
    socket.send('to itself', socket.address().port, LOOPBACK)
    expect(libc.poll(entry, 1, 1000)).toBe(1)
    await once(socket, 'message')
    await expect.poll(() => libc.poll(entry, 1, 0)).toBe(0)
  })

  it('is the same for all sockets of a thread', async () => {
    const [one, other] = [await heardSocket(), await heardSocket()]
    expect(loopDescriptor(descriptorOf(one) ?? -1)).toBe(loopDescriptor(descriptorOf(other) ?? -1))
  })

  it('is not found by what no loop listens to', () => {
    expect(loopDescriptor(0x7fff_ffff)).toBeUndefined()
  })
})
