import type { IncomingMessage, Server } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import { RELAY_UPGRADE } from '../../protocol/admin.ts'
import type { Log } from '../../protocol/log.ts'

/** Where the relay finds an agent. */
export type RelayTarget = (nodeId: string) => { readonly ip: Ipv4; readonly port: number } | undefined

const PATH = /^\/v1\/nodes\/(n-[0-9a-f]{12})\/stream$/

/**
 * Lets a deputy that has no path of its own to a node (a lab's network, a laptop outside) reach its agent through the
 * server. The server moves octets only: TLS and ticket are between deputy and agent, so it sees and grants nothing.
 * The HTTP server no longer knows an upgraded socket: `close` cuts those that are left, or it could never close.
 */
export function addRelay(server: Server, target: RelayTarget, log: Log): { close(): void } {
  const open = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // Node took its own listener off: without this one a client that hangs up ends the server.
    socket.on('error', error => log.debug({ error: error.message }, 'a deputy hung up on the relay'))
    const nodeId = PATH.exec(request.url ?? '')?.[1]
    const agent = nodeId === undefined ? undefined : target(nodeId)
    if (request.headers.upgrade !== RELAY_UPGRADE || agent === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      return
    }
    const upstream = connect(agent.port, agent.ip)
    upstream.once('connect', () => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${RELAY_UPGRADE}\r\n\r\n`,
      )
      upstream.write(head)
      upstream.pipe(socket)
      socket.pipe(upstream)
    })
    joinFates(upstream, socket, error => log.debug({ node: nodeId, error: error.message }, 'relay ended'))
  })
  return {
    close: () => {
      for (const socket of open) socket.destroy()
    },
  }
}

/** When one side breaks, so does the other: a deputy must learn that its agent is gone. */
function joinFates(a: Duplex, b: Duplex, onError: (error: Error) => void): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.on('error', error => {
      onError(error)
      other.destroy()
    })
    one.on('close', () => other.destroy())
  }
}
