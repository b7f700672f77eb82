import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Nic, NicSockets } from './nic-sockets.ts'

/** What waits in the kernel while the event loop is busy: a class room's DISCOVERs are 300 octets each. */
const RECEIVE_BUFFER_BYTES = 4 << 20

/**
 * The two sockets that need no right but the port. Broadcasts of every NIC arrive; answers leave by ours only. Rejects
 * with the system's error.
 */
export async function openPlainSockets(nic: Nic, port: number): Promise<NicSockets> {
  const opened: Socket[] = []
  const open = async (address: string) => {
    const socket = await bind(address, port, true)
    opened.push(socket)
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
    return socket
  }
  try {
    await probe(port)
    const broadcast = await open('0.0.0.0')
    const own = await open(nic.address)
    own.setBroadcast(true)
    return { broadcast, own }
  } catch (error) {
    for (const socket of opened) socket.close()
    throw error
  }
}

/** With reuseAddr on both sides Linux would let two DHCP servers share the port in silence: ask without it first. */
async function probe(port: number): Promise<void> {
  const socket = await bind('0.0.0.0', port, false)
  await new Promise<void>(resolve => socket.close(resolve))
}

async function bind(address: string, port: number, reuseAddr: boolean): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr })
  try {
    // `exclusive` keeps a cluster's parent process from answering for us; the callback form would hide errors.
    socket.bind({ address, port, exclusive: true })
    await once(socket, 'listening')
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}
