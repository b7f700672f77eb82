import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { LIMITED_BROADCAST } from '../../../config/values/ipv4.ts'
import { Mac, macFromBytes } from '../../../config/values/mac.ts'
import { leasingServer, probePacket } from '../auto/probe-packet.ts'
import { CLIENT_PORT, SERVER_PORT } from '../packet.ts'

const WAIT_MS = 3_000

/** What a DISCOVER of our own brought. */
export type ProbeResult =
  | { readonly kind: 'answered'; readonly server: Ipv4 }
  | { readonly kind: 'silent' }
  | { readonly kind: 'impossible'; readonly reason: string }

/**
 * Asks the network of one interface for an address, as a client, and waits for a server that offers one. Only answers
 * with this xid count: the port hears the broadcasts of all interfaces. Keep it from probe to probe, for some servers
 * ping an address for three seconds before they offer it. Nothing is taken.
 */
export async function probeForServer(
  link: { readonly interface: string; readonly address: Ipv4 },
  xid: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const opened: Socket[] = []
  try {
    await bind('0.0.0.0', opened)
    const sending = await bind(link.address, opened)
    sending.setBroadcast(true)
    const answer = new Promise<ProbeResult>(resolve => {
      const finish = (result: ProbeResult) => {
        clearTimeout(timer)
        resolve(result)
      }
      const timer = setTimeout(() => finish({ kind: 'silent' }), WAIT_MS)
      signal.addEventListener('abort', () => finish({ kind: 'silent' }), { once: true })
      const listen = (bytes: Uint8Array, from: { readonly address: string }) => {
        const isOurs = bytes.length > 8 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(4) === xid
        const server = isOurs ? leasingServer(bytes, from.address as Ipv4) : undefined
        if (server !== undefined && server !== link.address) finish({ kind: 'answered', server })
      }
      for (const socket of opened)
        socket
          .on('message', listen)
          .on('error', error => finish({ kind: 'impossible', reason: error.message }))
      const packet = probePacket(macOf(link.interface), xid)
      sending.send(packet, SERVER_PORT, LIMITED_BROADCAST, error => {
        if (error !== null) finish({ kind: 'impossible', reason: error.message })
      })
    })
    return await answer
  } catch (error) {
    return { kind: 'impossible', reason: `the client port cannot be opened (${(error as Error).message})` }
  } finally {
    for (const socket of opened) socket.close()
  }
}

async function bind(address: string, opened: Socket[]): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  opened.push(socket)
  socket.bind({ address, port: CLIENT_PORT, exclusive: true })
  await once(socket, 'listening')
  return socket
}

/** The interface's own MAC, which a server that knows its machines may answer; else one that is nobody's. */
function macOf(name: string): Mac {
  const own = Mac.safeParse(networkInterfaces()[name]?.find(({ internal }) => !internal)?.mac)
  return own.success ? own.data : macFromBytes(Uint8Array.of(0x02, ...randomBytes(5)))
}
