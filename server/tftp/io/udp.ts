import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { listenOrExplain } from '../../io/listen.ts'

/**
 * A UDP socket bound to `address` alone, so that replies carry the address the client asked (EDK2 ignores others).
 * Port 0 is any free one. Rejects with GW_PORT_IN_USE, GW_NOT_PERMITTED or GW_NO_INTERFACE.
 */
export async function openUdp(address: Ipv4, port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  // The callback form of bind() hides EADDRINUSE from `error` listeners.
  const listen = async () => {
    socket.bind(port, address)
    await once(socket, 'listening')
    return socket
  }
  try {
    return await listenOrExplain(listen, port, 'udp')
  } catch (error) {
    socket.close()
    throw error
  }
}
