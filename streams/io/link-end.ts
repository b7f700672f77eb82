import type { Duplex } from 'node:stream'
import {
  ackRecord,
  goneRecord,
  LINK_CHANNEL,
  LINK_FRAME,
  type LinkRecord,
  pauseRecord,
  RECORD_HEAD_BYTES,
  receivedIn,
  recordIn,
  recordLength,
} from '../envelope.ts'
import { FRAME, type Frame, frameOf } from '../frame.ts'
import { heardAt, linkHealth, lookedAt, wasAway } from '../link-health.ts'
import { createLinkSession, type SentRecord } from '../link-session.ts'
import { createPieces } from '../pieces.ts'
import type { Channel, ChannelUser } from './channel.ts'
import type { LinkTime } from './link-time.ts'
import { sendTogether } from './sent-together.ts'

/** What an end of a link needs from whoever keeps it. */
export type LinkEndOptions = {
  readonly time: LinkTime
  /** The other side opened a channel with this ticket; answers who serves it. Missing where only we open. */
  readonly accept?: (ticket: string, channel: Channel) => ChannelUser
  /** The connection broke or fell silent: time to make another one. */
  readonly onBroken: (reason: string) => void
  /** The link is lost for good, and all its channels were told. Called once. */
  readonly onOver: (reason: string) => void
}

/** One side of a link, with or without a connection at the moment. */
export type LinkEnd = {
  /** Goes on over `socket`, whose other side has received up to `peerReceived`. */
  attach(socket: Duplex, peerReceived: number): void
  received(): number
  /** Opens a channel. Throws when the link is over: nobody would hear of it. */
  open(ticket: string, user: ChannelUser): Channel
  channels(): number
  /** Tells the other side that this program stops for a while (^Z) and will be silent: no reason to give it up. */
  pause(): void
  /** Ends the link and all its channels, for `reason`. */
  end(reason: string): void
}

/** An end of a link that has no connection yet. */
export function createLinkEnd(options: LinkEndOptions): LinkEnd {
  const { accept, onBroken, onOver } = options
  const { now, pulse } = options.time
  const session = createLinkSession()
  const users = new Map<number, ChannelUser>()
  const waiting = new Set<number>()
  let socket: Duplex | undefined
  let lastChannel = 0
  let silence = heardAt(now())
  let [heardTimes, heardBefore] = [0, 0]
  let isPeerPaused = false
  let isOver = false
  const stopPulse = pulse(beat)

  function write({ envelope, frame }: SentRecord): void {
    if (socket === undefined) return
    sendTogether(socket)
    socket.write(envelope)
    socket.write(frame)
  }

  function listen(to: Duplex): void {
    const reader = createPieces(RECORD_HEAD_BYTES, recordLength)
    const gone = (reason: string) => {
      if (socket === to) drop(reason)
    }
    silence = heardAt(now())
    to.on('error', error => gone(error.message))
    to.on('close', () => gone('it closed the connection'))
    to.on('data', (bytes: Uint8Array) => {
      if (socket !== to || endIfAway()) return
      silence = heardAt(now())
      heardTimes += 1
      const { pieces, violation } = reader.push(bytes)
      for (const piece of pieces) {
        const record = recordIn(piece)
        if (record.channel === LINK_CHANNEL) takeOwn(record.frame)
        else take(record)
        if (socket !== to) return
      }
      if (violation) broken(violation.reason)
    })
    to.resume()
  }

  function acknowledge(): void {
    session.told()
    socket?.write(ackRecord(session.received()))
  }

  function beat(): void {
    if (endIfAway()) return
    const looked = lookedAt(silence, now())
    // Under load seconds pass between two beats: who was heard in between is not silent.
    const isHeard = isPeerPaused || (heardTimes !== heardBefore && linkHealth(looked.silentMs) !== 'alive')
    ;[silence, heardBefore] = [isHeard ? heardAt(now()) : looked, heardTimes]
    const health = linkHealth(silence.silentMs)
    if (health === 'silent') drop('it fell silent')
    if (health === 'over') end('nothing was heard of it for 12 s')
    else acknowledge()
  }

  /** A node that stood still has been given up: what a home wrote before must not be started now. */
  function endIfAway(): boolean {
    const isAway = accept !== undefined && !isPeerPaused && wasAway(silence, now())
    if (isAway) end('this node stood still for more than 12 s')
    return isAway
  }

  function drop(reason: string): void {
    if (socket === undefined) return
    const broken = socket
    socket = undefined
    // Who is only stopped keeps its connection; whoever was killed meanwhile is to be missed.
    isPeerPaused = false
    broken.destroy()
    onBroken(reason)
  }

  /** The last word: the other side need not wait for us to come back. */
  function part(): void {
    const last = socket
    socket = undefined
    if (last === undefined) return
    last.end(goneRecord())
    setTimeout(() => last.destroy(), PARTING_MS).unref()
  }

  function end(reason: string): void {
    if (isOver) return
    isOver = true
    stopPulse()
    part()
    for (const user of users.values()) user.onClosed(reason)
    users.clear()
    onOver(reason)
  }

  function broken(reason: string): void {
    end(`it broke the protocol: ${reason}`)
  }

  function take(record: LinkRecord): void {
    const taken = session.take(record)
    if (taken.kind === 'violation') broken(taken.reason)
    if (taken.kind === 'new') hand(record)
    // A signal is acknowledged at once: that a node got it is what an impatient person wants to know.
    if (session.owesAck() || record.frame.type === FRAME.signal) acknowledge()
  }

  function takeOwn(frame: Frame): void {
    isPeerPaused = frame.type === LINK_FRAME.pause
    if (frame.type === LINK_FRAME.gone) end('it has given up this link')
    if (frame.type !== LINK_FRAME.ack) return
    const upTo = receivedIn(frame)
    const problem = typeof upTo === 'number' ? session.acknowledged(upTo) : upTo
    if (problem) broken(problem.reason)
    if (waiting.size === 0 || !session.hasRoom()) return
    const ready = [...waiting]
    waiting.clear()
    for (const channel of ready) users.get(channel)?.onRoom()
  }

  function hand({ channel, frame }: LinkRecord): void {
    const user = users.get(channel)
    if (frame.type === LINK_FRAME.close) {
      users.delete(channel)
      user?.onClosed(undefined)
    } else if (frame.type === LINK_FRAME.open) admit(channel, new TextDecoder().decode(frame.payload))
    else user?.onFrame(frame)
  }

  function admit(channel: number, ticket: string): void {
    if (accept === undefined || channel <= lastChannel) broken(`channel ${channel} opened out of turn`)
    else if (users.size >= CHANNELS_MAX) broken(`more than ${CHANNELS_MAX} channels`)
    else {
      lastChannel = channel
      users.set(channel, NOBODY)
      const user = accept(ticket, channelOf(channel))
      if (users.has(channel)) users.set(channel, user)
    }
  }

  function channelOf(channel: number): Channel {
    const isOpen = () => users.has(channel)
    return {
      send(frame) {
        if (isOpen()) write(session.send(channel, frame))
      },
      close() {
        if (!isOpen()) return
        write(session.send(channel, frameOf(LINK_FRAME.close)))
        users.delete(channel)
      },
      isFull() {
        const full = session.isFull()
        if (full) waiting.add(channel)
        return full
      },
      heard: () => heardTimes,
    }
  }

  return {
    attach(next, peerReceived) {
      const records = isOver ? [] : session.replay(peerReceived)
      if ('kind' in records) broken(records.reason)
      if (isOver || 'kind' in records) {
        next.destroy()
        return
      }
      const before = socket
      socket = next
      before?.destroy()
      listen(next)
      for (const record of records) write(record)
    },
    received: session.received,
    open(ticket, user) {
      if (isOver) throw new Error('the link to it is over')
      lastChannel += 1
      const channel = lastChannel
      users.set(channel, user)
      write(session.send(channel, frameOf(LINK_FRAME.open, new TextEncoder().encode(ticket))))
      return channelOf(channel)
    },
    channels: () => users.size,
    pause: () => void socket?.write(pauseRecord()),
    end,
  }
}

/** Runs on one link; each may hold a request before anybody has looked at its ticket. */
const CHANNELS_MAX = 4096
/** Time for the last word to go out. */
const PARTING_MS = 2000

const NOBODY: ChannelUser = { onFrame() {}, onClosed() {}, onRoom() {} }
