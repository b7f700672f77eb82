import type { Duplex } from 'node:stream'
import type { Now } from '../../protocol/log.ts'
import {
  ackRecord,
  LINK_CHANNEL,
  LINK_FRAME,
  type LinkRecord,
  RECORD_HEAD_BYTES,
  receivedIn,
  recordIn,
  recordLength,
} from '../envelope.ts'
import { FRAME, type Frame, frameOf } from '../frame.ts'
import { linkHealth, PULSE_MS } from '../link-health.ts'
import { createLinkSession, type SentRecord } from '../link-session.ts'
import { createPieces } from '../pieces.ts'

/** How a channel's user hears of it. `onClosed` is called once and last; with a reason when the link is lost. */
export type ChannelUser = {
  onFrame(frame: Frame): void
  onClosed(lost: string | undefined): void
  /** The link takes more again, after it was full. */
  onRoom(): void
}

/** One run on a link. */
export type Channel = {
  send(frame: Frame): void
  /** Ends the run's channel; nothing more is heard of it. */
  close(): void
  /** Whether to wait for `onRoom` before sending more than has to be. */
  isFull(): boolean
  /** How often something has arrived on the link: two equal answers mean that nothing was heard in between. */
  heard(): number
}

/** Time as links need it: a clock, and something that calls `beat` every `PULSE_MS` until the returned function is called. */
export type LinkTime = { readonly now: Now; readonly pulse: (beat: () => void) => () => void }

/** The real time; it keeps no program alive. */
export const LINK_TIME: LinkTime = {
  now: Date.now,
  pulse(beat) {
    const timer = setInterval(beat, PULSE_MS)
    timer.unref()
    return () => clearInterval(timer)
  },
}

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
  open(ticket: string, user: ChannelUser): Channel
  channels(): number
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
  let heardAtMs = now()
  let heardTimes = 0
  let isOver = false
  const stopPulse = pulse(beat)

  function write({ envelope, frame }: SentRecord): void {
    if (socket === undefined) return
    socket.cork()
    socket.write(envelope)
    socket.write(frame)
    process.nextTick(uncork, socket)
  }

  function listen(to: Duplex): void {
    const reader = createPieces(RECORD_HEAD_BYTES, recordLength)
    const gone = (reason: string) => {
      if (socket === to) drop(reason)
    }
    heardAtMs = now()
    to.on('error', error => gone(error.message))
    to.on('close', () => gone('it closed the connection'))
    to.on('data', (bytes: Uint8Array) => {
      if (socket !== to) return
      heardAtMs = now()
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
    const health = linkHealth(now() - heardAtMs)
    if (health === 'silent') drop('it fell silent')
    if (health === 'over') end('nothing was heard of it for 12 s')
    else acknowledge()
  }

  function drop(reason: string): void {
    if (socket === undefined) return
    const broken = socket
    socket = undefined
    broken.destroy()
    if (!isOver) onBroken(reason)
  }

  function end(reason: string): void {
    if (isOver) return
    isOver = true
    stopPulse()
    drop(reason)
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
      lastChannel += 1
      const channel = lastChannel
      users.set(channel, user)
      write(session.send(channel, frameOf(LINK_FRAME.open, new TextEncoder().encode(ticket))))
      return channelOf(channel)
    },
    channels: () => users.size,
    end,
  }
}

const NOBODY: ChannelUser = { onFrame() {}, onClosed() {}, onRoom() {} }

function uncork(socket: Duplex): void {
  socket.uncork()
}
