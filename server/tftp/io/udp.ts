import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { GodwitError } from '../../../protocol/errors.ts'

/**
 * A UDP socket bound to `address` alone, so that replies carry the address the client asked (EDK2 ignores others).
 * Port 0 is any free one. Rejects with GW_PORT_IN_USE, GW_NOT_PERMITTED or GW_NO_INTERFACE.
 */
export async function openUdp(address: Ipv4, port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: Error): void => {
      socket.close()
      reject(bindError(address, port, cause))
    }
    socket.once('error', refuse)
    // The callback form of bind() hides EADDRINUSE from `error` listeners.
    socket.once('listening', () => {
      socket.off('error', refuse)
      resolve()
    })
    socket.bind(port, address)
  })
  return socket
}

function bindError(address: Ipv4, port: number, cause: NodeJS.ErrnoException): Error {
  const where = `TFTP ${address}:${port}/udp`
  switch (cause.code) {
    case 'EADDRINUSE':
      return new GodwitError(
        'GW_PORT_IN_USE',
        `${where} is in use by another program; see which: ss -ulpn 'sport = :${port}'`,
        { cause },
      )
    case 'EACCES':
    case 'EPERM':
      return new GodwitError('GW_NOT_PERMITTED', `${where} needs root or CAP_NET_BIND_SERVICE`, { cause })
    case 'EADDRNOTAVAIL':
      return new GodwitError('GW_NO_INTERFACE', `${where}: no interface has this address`, { cause })
    default:
      return cause
  }
}
