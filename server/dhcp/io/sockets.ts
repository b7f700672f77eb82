import type { Socket } from 'node:dgram'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { NicSockets } from '../../io/nic-sockets.ts'
import type { Endpoint, Source } from '../packet.ts'
import type { Post } from '../post.ts'

/** The open DHCP port of one interface. */
export type DhcpSockets = {
  /** Sends from the server's own address; rejects with the system's error. */
  send(bytes: Uint8Array, to: Endpoint): Promise<void>
  /** The same for whoever sends thousands a second: without a promise. */
  readonly post: Post
  close(): Promise<void>
}

/** Listens on the sockets of one interface; they are ours now, also to close. */
export function useSockets(
  { broadcast, own }: NicSockets,
  onDatagram: (bytes: Uint8Array, source: Source) => void,
  onError: (error: Error) => void,
): DhcpSockets {
  const listen = (socket: Socket, delivery: Source['delivery']) => {
    socket.on('error', onError)
    socket.on('message', (bytes, from) => {
      onDatagram(bytes, { address: from.address as Ipv4, port: from.port, delivery })
    })
  }
  listen(broadcast, 'broadcast')
  listen(own, 'unicast')
  return {
    send: (bytes, to) =>
      new Promise<void>((resolve, reject) => {
        own.send(bytes, to.port, to.address, error => (error === null ? resolve() : reject(error)))
      }),
    post: (bytes, to, sent) => own.send(bytes, to.port, to.address, sent),
    close: async () => {
      await Promise.all([broadcast, own].map(socket => new Promise<void>(done => socket.close(() => done()))))
    },
  }
}
