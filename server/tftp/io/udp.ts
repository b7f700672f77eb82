import type { Socket, SocketOptions } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { listenOrExplain } from '../../io/listen.ts'

/** Asked of the kernel, which gives what it may: a class room's ACKs or requests come in one burst. */
const BUFFER_BYTES = 1 << 20

/** Where a datagram comes from or goes to: address and port (a client's TID, RFC 1350 §4). */
export type Peer = { readonly address: string; readonly port: number }

/** All our addresses are numbers: the resolver's detour over a thread would cost more than the datagram. */
const lookup: SocketOptions['lookup'] = (address, _, callback) => callback(null, address, 4)

/**
 * A UDP socket bound to `address` alone, so that replies carry the address the client asked (EDK2 ignores others).
 * Port 0 is any free one. Rejects with GW_PORT_IN_USE, GW_NOT_PERMITTED or GW_NO_INTERFACE.
 */
export async function openUdp(address: Ipv4, port: number): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    lookup,
    recvBufferSize: BUFFER_BYTES,
    sendBufferSize: BUFFER_BYTES,
  })
  // The callback form of bind() hides EADDRINUSE from `error` listeners; with our `lookup` it listens before it returns.
  const listen = async () => {
    const listening = once(socket, 'listening')
    socket.bind(port, address)
    await listening
    return socket
  }
  try {
    return await listenOrExplain(listen, port, 'udp')
  } catch (error) {
    socket.close()
    throw error
  }
}
