import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Log } from '../../protocol/log.ts'
import { inheritedSockets } from './inherited.ts'
import type { Nic, NicSockets } from './nic-sockets.ts'

/** Gives the sockets that somebody else opened for this NIC and port, each pair once; `undefined` when there are none. */
export type AdoptNicSockets = (nic: Nic, port: number) => NicSockets | undefined

type Adopted = { readonly name: string; readonly socket: Socket }

/**
 * Takes over the sockets that systemd opened (`sd_listen_fds(3)`): one `.socket` unit for each NIC, bound to it by
 * `BindToDevice=` and named after it by `FileDescriptorName=`, with one `ListenDatagram=` for 0.0.0.0 and one for our
 * address. Descriptors that are no UDP sockets are logged and left alone. The variables are removed, so that no child
 * takes them for its own.
 */
export async function adoptNicSockets(environment: NodeJS.ProcessEnv, log: Log): Promise<AdoptNicSockets> {
  const adopted: Adopted[] = []
  for (const { name, fd } of inheritedSockets(environment, process.pid)) {
    const socket = await adopt(fd, name, log)
    if (socket !== undefined) adopted.push({ name, socket })
  }
  for (const variable of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[variable]
  const take = (name: string, address: string, port: number) =>
    adopted.find(each => {
      const at = each.socket.address()
      return each.name === name && at.address === address && at.port === port
    })
  return (nic, port) => {
    const broadcast = take(nic.interface, '0.0.0.0', port)
    const own = take(nic.interface, nic.address, port)
    if (broadcast === undefined || own === undefined) return undefined
    adopted.splice(adopted.indexOf(broadcast), 1)
    adopted.splice(adopted.indexOf(own), 1)
    own.socket.setBroadcast(true)
    return { broadcast: broadcast.socket, own: own.socket }
  }
}

async function adopt(fd: number, name: string, log: Log): Promise<Socket | undefined> {
  const socket = createSocket('udp4')
  try {
    const listening = once(socket, 'listening')
    socket.bind({ fd })
    await listening
    log.debug({ name, ...socket.address() }, 'socket taken over')
    return socket
  } catch (error) {
    log.warn({ name, fd, error: String(error) }, 'this descriptor is no UDP socket that could be taken over')
    return undefined
  }
}
