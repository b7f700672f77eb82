import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { listenOrExplain } from '../../io/listen.ts'
import type { Endpoint, Source } from '../packet.ts'

/** The open DHCP port of one interface. */
export type DhcpSockets = {
  /** Sends from the server's own address; rejects with the system's error. */
  send(bytes: Uint8Array, to: Endpoint): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the two sockets one interface takes without raw access: one on 0.0.0.0, the only kind that hears limited
 * broadcasts, and one on the server's own address, which hears unicast and from which a broadcast leaves by the
 * right interface even without a default route. Throws GW_PORT_IN_USE or GW_NOT_PERMITTED.
 */
export async function openSockets(
  address: Ipv4,
  port: number,
  onDatagram: (bytes: Uint8Array, source: Source) => void,
  onError: (error: Error) => void,
): Promise<DhcpSockets> {
  const opened: Socket[] = []
  const open = async (at: string, delivery: Source['delivery']) => {
    const socket = await bind(at, port, true)
    opened.push(socket)
    socket.on('error', onError)
    socket.on('message', (bytes, from) => {
      onDatagram(bytes, { address: from.address as Ipv4, port: from.port, delivery })
    })
    return socket
  }
  try {
    return await listenOrExplain(
      async () => {
        await probe(port)
        await open('0.0.0.0', 'broadcast')
        const own = await open(address, 'unicast')
        own.setBroadcast(true)
        return {
          send: (bytes, to) =>
            new Promise<void>((resolve, reject) => {
              own.send(bytes, to.port, to.address, error => (error === null ? resolve() : reject(error)))
            }),
          close: () => closeAll(opened),
        }
      },
      port,
      'udp',
    )
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

/** With reuseAddr on both sides Linux would let two DHCP servers share the port in silence: ask without it first. */
async function probe(port: number): Promise<void> {
  await closeAll([await bind('0.0.0.0', port, false)])
}

async function bind(address: string, port: number, reuseAddr: boolean): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr })
  try {
    // `exclusive` keeps a cluster's parent process from answering for us; the callback form would hide errors.
    socket.bind({ address, port, exclusive: true })
    await once(socket, 'listening')
    return socket
  } catch (error) {
    await closeAll([socket])
    throw error
  }
}

async function closeAll(sockets: Socket[]): Promise<void> {
  const closing = sockets.splice(0).map(socket => new Promise<void>(resolve => socket.close(() => resolve())))
  await Promise.all(closing)
}
