import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunGrant } from '../../protocol/admin.ts'
import type { Log } from '../../protocol/log.ts'
import { helloRecord, LINK_FRAME, LINK_ID_BYTES, receivedIn } from '../envelope.ts'
import type { Channel, ChannelUser } from './channel.ts'
import { readFirstRecord } from './first-record.ts'
import { createLinkEnd, type LinkEnd } from './link-end.ts'
import type { LinkTime } from './link-time.ts'

/** How long a node may take to answer a greeting. */
const GREETING_TIMEOUT_MS = 3000
/** Between tries to mend a broken link. */
const RETRY_MS = 250
/** A link on which nothing ran for so long is closed. */
const IDLE_MS = 300_000

/** What the home's side of all links needs. */
export type LinksOptions = {
  /** A verified connection to the node of this grant; rejects when there is no way, or when it is another node. */
  readonly connect: (grant: RunGrant) => Promise<Duplex>
  readonly time: LinkTime
  readonly log: Log
}

/** The links of a home, one per node; each is made when it is first wanted, and kept. */
export type Links = {
  /** Opens a channel for `grant`'s run. Rejects when the node cannot be reached: nothing was started then. */
  open(grant: RunGrant, user: ChannelUser): Promise<Channel>
  /** Excuses the silence of a program that is about to be stopped. */
  pause(): void
  close(): void
}

/** No links yet. */
export function createLinks(options: LinksOptions): Links {
  const links = new Map<string, Promise<LinkEnd>>()
  const idle = setInterval(() => {
    for (const link of links.values()) void link.then(closeIdle, () => undefined)
  }, IDLE_MS)
  idle.unref()

  async function linkTo(grant: RunGrant): Promise<LinkEnd> {
    const key = `${grant.node.id} ${grant.node.address} ${grant.node.port}`
    const known = links.get(key)
    if (known !== undefined) return known
    const forget = (): void => {
      if (links.get(key) === made) links.delete(key)
    }
    const made = openLink(grant, options, forget)
    links.set(key, made)
    made.catch(forget)
    return made
  }

  return {
    open: async (grant, user) => (await linkTo(grant)).open(grant.ticket, user),
    pause() {
      for (const link of links.values())
        void link.then(
          end => end.pause(),
          () => undefined,
        )
    },
    close() {
      clearInterval(idle)
      for (const link of links.values())
        void link.then(
          end => end.end('the home is ending'),
          () => undefined,
        )
    },
  }
}

function closeIdle(link: LinkEnd): void {
  if (link.channels() === 0) link.end('nothing runs on it')
}

/** A new link to the node of `grant`, which mends itself until it is over; `forget` is called then. */
async function openLink(
  grant: RunGrant,
  { connect, time, log }: LinksOptions,
  forget: () => void,
): Promise<LinkEnd> {
  const id = randomBytes(LINK_ID_BYTES)
  let isOver = false
  const link = createLinkEnd({
    time,
    onBroken(reason) {
      log.info({ node: grant.node.id, reason }, `the link to ${grant.node.name} broke: mending it`)
      void mend()
    },
    onOver(reason) {
      isOver = true
      log.info({ node: grant.node.id, reason }, `the link to ${grant.node.name} is over`)
      forget()
    },
  })

  async function join(resumes: boolean): Promise<void> {
    const socket = await connect(grant)
    try {
      socket.write(helloRecord({ id, resumes, received: link.received() }))
      const { frame } = await readFirstRecord(socket, GREETING_TIMEOUT_MS)
      if (frame.type === LINK_FRAME.gone) return link.end('it has given up this link')
      const received = frame.type === LINK_FRAME.welcome ? receivedIn(frame) : undefined
      if (typeof received !== 'number') throw new Error('no welcome')
      link.attach(socket, received)
    } catch (error) {
      socket.on('error', () => undefined).destroy()
      throw error
    }
  }

  /** Until it works, or the silence has lasted too long and the link ends itself. */
  async function mend(): Promise<void> {
    while (!isOver) {
      try {
        return await join(true)
      } catch (error) {
        log.debug({ node: grant.node.id, error: String(error) }, 'link not mended yet')
        await sleep(RETRY_MS)
      }
    }
  }

  try {
    await join(false)
  } catch (error) {
    link.end('it could not be reached')
    throw error
  }
  return link
}
