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
  /**
   * A verified connection to the node of this grant; rejects when there is no way, when it is another node, or with the
   * reason of `signal`: nobody wants it any more.
   */
  readonly connect: (grant: RunGrant, signal: AbortSignal) => Promise<Duplex>
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

/** A link, and the connection of it that is being made, or was. */
type HomeLink = { readonly end: LinkEnd; joined(): Promise<void> }

/** No links yet. */
export function createLinks(options: LinksOptions): Links {
  const links = new Map<string, Promise<HomeLink>>()
  const closing = new AbortController()
  const idle = setInterval(() => forEach(closeIdle), IDLE_MS)
  idle.unref()

  function forEach(act: (end: LinkEnd) => void): void {
    for (const link of links.values())
      void link.then(
        ({ end }) => act(end),
        () => undefined,
      )
  }

  async function linkTo(grant: RunGrant): Promise<HomeLink> {
    const key = `${grant.node.id} ${grant.node.address} ${grant.node.port}`
    const known = links.get(key)
    if (known !== undefined) return known
    const forget = (): void => {
      if (links.get(key) === made) links.delete(key)
    }
    const made = openLink(grant, { ...options, closing: closing.signal, forget })
    links.set(key, made)
    made.catch(forget)
    return made
  }

  return {
    async open(grant, user) {
      const link = await linkTo(grant)
      // What was never sent was never started: over a broken link that is not mended, another node may have it.
      await link.joined()
      return link.end.open(grant.ticket, user)
    },
    pause: () => forEach(end => end.pause()),
    close() {
      clearInterval(idle)
      closing.abort()
    },
  }
}

function closeIdle(link: LinkEnd): void {
  if (link.channels() === 0) link.end('nothing runs on it')
}

/** `forget` is called when the link is over; `closing` ends it. */
type OneLinkOptions = LinksOptions & { readonly closing: AbortSignal; readonly forget: () => void }

/** A new link to the node of `grant`, which mends itself until it is over. */
async function openLink(
  grant: RunGrant,
  { connect, time, log, closing, forget }: OneLinkOptions,
): Promise<HomeLink> {
  const id = randomBytes(LINK_ID_BYTES)
  const over = new AbortController()
  const leave = (): void => end.end('the home is ending')
  const end = createLinkEnd({
    time,
    onBroken(reason) {
      log.info({ node: grant.node.id, reason }, `the link to ${grant.node.name} broke: mending it`)
      joining = mend()
    },
    onOver(reason) {
      log.info({ node: grant.node.id, reason }, `the link to ${grant.node.name} is over`)
      closing.removeEventListener('abort', leave)
      over.abort(new Error(reason))
      forget()
    },
  })
  closing.addEventListener('abort', leave)
  let joining = join(false)

  async function join(resumes: boolean): Promise<void> {
    const socket = await connect(grant, over.signal)
    const hangUp = (): void => void socket.on('error', () => undefined).destroy()
    over.signal.addEventListener('abort', hangUp)
    try {
      over.signal.throwIfAborted()
      socket.write(helloRecord({ id, resumes, received: end.received() }))
      const { frame } = await readFirstRecord(socket, GREETING_TIMEOUT_MS)
      if (frame.type === LINK_FRAME.gone) return end.end('it has given up this link')
      const received = frame.type === LINK_FRAME.welcome ? receivedIn(frame) : undefined
      if (typeof received !== 'number') throw new Error('no welcome')
      end.attach(socket, received)
    } catch (error) {
      hangUp()
      throw error
    } finally {
      over.signal.removeEventListener('abort', hangUp)
    }
  }

  /** Until it works, or the silence has lasted too long and the link ends itself. */
  async function mend(): Promise<void> {
    while (!over.signal.aborted) {
      try {
        return await join(true)
      } catch (error) {
        log.debug({ node: grant.node.id, error: String(error) }, 'link not mended yet')
        if (!over.signal.aborted) await sleep(RETRY_MS)
      }
    }
  }

  try {
    await joining
  } catch (error) {
    end.end('it could not be reached')
    throw error
  }
  return { end, joined: () => joining }
}
