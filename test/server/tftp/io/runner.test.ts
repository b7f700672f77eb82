import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { TransferRunner } from '../../../../server/tftp/io/runner.ts'
import { PLAIN_TERMS } from '../../../../server/tftp/options.ts'
import type { TransferOutcome } from '../../../../server/tftp/transfer.ts'
import { LOOPBACK } from '../tftp-rig.ts'

const ACK_1 = Buffer.of(0, 4, 0, 1)

test('a datagram from port 0 is counted and not answered, and the transfer goes on', async () => {
  const [socket, client] = [createSocket('udp4'), createSocket('udp4')]
  for (const each of [socket, client]) {
    each.bind(0, LOOPBACK)
    await once(each, 'listening')
  }
  const trouble: string[] = []
  const first = once(client, 'message')
  const ended = new Promise<TransferOutcome>(resolve => {
    new TransferRunner({
      socket,
      peer: { address: LOOPBACK, port: client.address().port },
      terms: PLAIN_TERMS,
      readBlock: async () => Buffer.from('x'),
      now: Date.now,
      mayAnswerStranger: () => true,
      onEnd: resolve,
      onTrouble: reason => trouble.push(reason),
    })
  })
  // No socket of ours can send from port 0, only a raw one; what arrives then looks like this.
  const fromPortZero = { address: '192.0.2.1', family: 'IPv4', port: 0, size: ACK_1.length }
  expect(() => socket.emit('message', ACK_1, fromPortZero)).not.toThrow()
  expect(trouble).toEqual(['from port 0'])
  await first
  client.send(ACK_1, socket.address().port, LOOPBACK)
  expect(await ended).toBe('complete')
  client.close()
})
