import type { Socket } from 'node:dgram'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PlainDatagrams } from '../../../../server/tftp/io/datagrams.ts'
import type { Receiver } from '../../../../server/tftp/io/transfer-port.ts'
import { TransferPort } from '../../../../server/tftp/io/transfer-port.ts'
import { openUdp } from '../../../../server/tftp/io/udp.ts'
import { LOOPBACK } from '../tftp-rig.ts'

const ACK_1 = Buffer.of(0, 4, 0, 1)

let socket: Socket
let port: TransferPort
let nowMs = 0
const trouble: string[] = []
beforeEach(async () => {
  nowMs = 0
  trouble.length = 0
  socket = await openUdp(LOOPBACK, 0)
  port = new TransferPort(new PlainDatagrams(socket, () => {}), {
    clock: () => nowMs,
    mayAnswerStranger: () => false,
    onTrouble: reason => trouble.push(reason),
  })
  port.listen()
})
afterEach(() => port.close())

/** As if a datagram had come from there: no socket of ours can have such addresses. */
function arrive(address: string, fromPort: number): void {
  socket.emit('message', ACK_1, { address, port: fromPort, family: 'IPv4', size: ACK_1.length })
}

function receiver(address: string, got: string[]): Receiver {
  return { peer: { address, port: 2070 }, onDatagram: () => got.push(address) }
}

it('counts a datagram from port 0, to which nothing can be sent', () => {
  expect(() => arrive('192.0.2.1', 0)).not.toThrow()
  expect(trouble).toEqual(['from port 0'])
})

it('tells machines apart that chose the same port (PXE ROMs all begin at 2070)', () => {
  const got: string[] = []
  const [one, other] = [receiver('192.0.2.1', got), receiver('192.0.2.2', got)]
  port.attach(one)
  port.attach(other)
  for (const address of ['192.0.2.2', '192.0.2.1', '192.0.2.3']) arrive(address, 2070)
  port.detach(one)
  for (const address of ['192.0.2.1', '192.0.2.2']) arrive(address, 2070)
  expect(got).toEqual(['192.0.2.2', '192.0.2.1', '192.0.2.2'])
  expect(trouble).toEqual(['from a foreign port', 'after the end of its transfer'])
})

it('forgets an ended transfer after 5 s, and the oldest of more than a thousand', () => {
  const ended = (index: number) => ({ peer: { address: '192.0.2.1', port: index }, onDatagram: () => {} })
  const detach = (index: number) => port.detach(ended(index))
  detach(1)
  nowMs = 4999
  expect(port.isUsedBy(ended(1).peer)).toBe(true)
  arrive('192.0.2.1', 1)
  nowMs = 5000
  arrive('192.0.2.1', 1)
  expect(trouble).toEqual(['after the end of its transfer', 'from a foreign port'])
  for (let index = 2; index < 2000; index++) detach(index)
  expect(port.isUsedBy(ended(900).peer)).toBe(false)
  expect(port.isUsedBy(ended(1999).peer)).toBe(true)
})
