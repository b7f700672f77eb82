import type { Duplex } from 'node:stream'
import { hexOf } from '../../config/values/hex.ts'
import type { Log } from '../../protocol/log.ts'
import { goneRecord, readHello, welcomeRecord } from '../envelope.ts'
import type { Channel, ChannelUser } from './channel.ts'
import { readFirstRecord } from './first-record.ts'
import { createLinkEnd, type LinkEnd } from './link-end.ts'
import type { LinkTime } from './link-time.ts'

/** A home that says nothing for this long is none. */
const GREETING_TIMEOUT_MS = 10_000
/** Homes that may have a link at once. */
const LINKS_MAX = 1024

/** What the node's side of all links needs. */
export type LinkServerOptions = {
  /** A home wants to start a process with this ticket; answers who serves its channel. */
  readonly accept: (ticket: string, channel: Channel) => ChannelUser
  readonly time: LinkTime
  readonly log: Log
}

/** The node's side of all links. */
export type LinkServer = {
  /** Takes a connection whose TLS is done. */
  take(socket: Duplex): void
  /** Ends all links and what runs on them. */
  close(): void
}

/** A node that has no link yet. A home shows no certificate: its tickets speak for it, and a secret of its own. */
export function createLinkServer({ accept, time, log }: LinkServerOptions): LinkServer {
  const links = new Map<string, LinkEnd>()

  async function greet(socket: Duplex): Promise<void> {
    const hello = readHello(await readFirstRecord(socket, GREETING_TIMEOUT_MS))
    if (hello.kind === 'violation') throw new Error(hello.reason)
    const key = hexOf(hello.id)
    const known = links.get(key)
    if (hello.resumes) {
      if (known === undefined) return void socket.end(goneRecord())
      socket.write(welcomeRecord(known.received()))
      return known.attach(socket, hello.received)
    }
    if (known !== undefined || links.size >= LINKS_MAX) throw new Error('no room for another link')
    const link = createLinkEnd({
      accept,
      time,
      onBroken: reason => log.info({ reason }, 'a link broke: its home has 12 s to mend it'),
      onOver(reason) {
        links.delete(key)
        log.info({ reason }, 'a link is over')
      },
    })
    links.set(key, link)
    socket.write(welcomeRecord(0))
    link.attach(socket, 0)
  }

  return {
    take(socket) {
      socket.on('error', () => undefined)
      greet(socket).catch((error: Error) => {
        log.warn({ code: 'GW_BAD_MESSAGE', reason: error.message }, 'a home was dropped')
        socket.destroy()
      })
    },
    close() {
      for (const link of [...links.values()]) link.end('the agent of this node is ending')
    },
  }
}
