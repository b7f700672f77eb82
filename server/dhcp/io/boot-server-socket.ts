import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { listenOrExplain } from '../../io/listen.ts'
import type { Endpoint, Source } from '../packet.ts'

/** The open port of a PXE boot server. */
export type BootServerSocket = {
  send(bytes: Uint8Array, to: Endpoint): Promise<void>
  close(): Promise<void>
}

/**
 * Opens `port` on the server's own address: clients look at where an answer comes from. Throws GW_PORT_IN_USE or
 * GW_NOT_PERMITTED.
 */
export async function openBootServerSocket(
  address: Ipv4,
  port: number,
  onDatagram: (bytes: Uint8Array, source: Source) => void,
  onError: (error: Error) => void,
): Promise<BootServerSocket> {
  const socket = createSocket('udp4')
  const close = () => new Promise<void>(resolve => socket.close(() => resolve()))
  await listenOrExplain(
    async () => {
      socket.bind({ address, port, exclusive: true })
      await once(socket, 'listening')
    },
    port,
    'udp',
  ).catch(async error => {
    await close()
    throw error
  })
  socket.on('error', onError)
  socket.on('message', (bytes, from) => {
    onDatagram(bytes, { address: from.address as Ipv4, port: from.port, delivery: 'unicast' })
  })
  return {
    send: (bytes, to) =>
      new Promise<void>((resolve, reject) => {
        socket.send(bytes, to.port, to.address, error => (error === null ? resolve() : reject(error)))
      }),
    close,
  }
}
