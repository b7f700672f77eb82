import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { ipv4ToNumber } from '../../../config/values/ipv4.ts'
import type { Libc } from '../../io/native/libc.ts'
import { MessageHeaders } from './message-headers.ts'
import type { Peer } from './udp.ts'

/** What one call sends at most. More would make the first client of a batch wait for the last, and save nothing. */
const DATA_BYTES = 256 << 10
const MAX_MESSAGES = 8
/** Linux cuts one message into 64 datagrams at most (128 since 6.9), and it may be as long as an IPv4 datagram. */
const MAX_SEGMENTS = 64
const MAX_MESSAGE_BYTES = 65_000

/** Consecutive datagrams to one peer in `data` from `start` on: all of `segmentBytes`, but the last may be shorter. */
type Message = {
  readonly peer: Peer
  readonly start: number
  readonly segmentBytes: number
  lengthBytes: number
  segments: number
}

/**
 * Datagrams that leave together. They are copied into memory that is never moved or given back, so that the kernel
 * never reads what somebody else may change.
 */
export class SendBatch {
  readonly #libc: Libc
  readonly #data = new Uint8Array(new ArrayBuffer(DATA_BYTES))
  readonly #headers: MessageHeaders
  readonly #messages: Message[] = []
  #usedBytes = 0

  constructor(libc: Libc) {
    this.#libc = libc
    this.#headers = new MessageHeaders(libc, MAX_MESSAGES, this.#data)
  }

  /** Messages there are: a window of one peer is one, when it `mayJoin`. */
  get length(): number {
    return this.#messages.length
  }

  /** Takes a datagram; false when it has no room. `mayJoin`: the kernel may cut it out of a longer message. */
  add(packet: Uint8Array, to: Peer, mayJoin: boolean): boolean {
    const start = this.#usedBytes
    if (start + packet.length > DATA_BYTES) return false
    const last = this.#messages.at(-1)
    if (mayJoin && last !== undefined && isContinuedBy(last, packet, to)) {
      last.lengthBytes += packet.length
      last.segments += 1
    } else {
      if (this.#messages.length === MAX_MESSAGES) return false
      const lengthBytes = packet.length
      this.#messages.push({ peer: to, start, segmentBytes: lengthBytes, lengthBytes, segments: 1 })
    }
    this.#data.set(packet, start)
    this.#usedBytes += packet.length
    return true
  }

  /** Fills in the headers of all messages; then `send` may be called. */
  seal(): void {
    for (const [index, message] of this.#messages.entries()) {
      this.#headers.setData(index, message.start, message.lengthBytes)
      this.#headers.setPeer(index, ipv4ToNumber(message.peer.address as Ipv4), message.peer.port)
      this.#headers.setSegments(index, message.segments > 1 ? message.segmentBytes : 0)
    }
  }

  /** Sends from message `first` on, without waiting: how many went out, or the negated errno of the first. */
  send(descriptor: number, first: number, flags: number): number {
    return this.#libc.sendmmsg(descriptor, this.#headers.from(first), this.length - first, flags)
  }

  /** Whether message `index` relies on the kernel to cut it. */
  isCut(index: number): boolean {
    return (this.#messages[index]?.segments ?? 0) > 1
  }

  /** Calls `each` with a copy of every datagram of message `index`, in order. */
  forEachDatagram(index: number, each: (packet: Uint8Array, to: Peer) => void): void {
    const message = this.#messages[index]
    if (message === undefined) return
    const end = message.start + message.lengthBytes
    for (let at = message.start; at < end; at += message.segmentBytes)
      each(this.#data.slice(at, Math.min(end, at + message.segmentBytes)), message.peer)
  }

  /** Forgets everything. */
  clear(): void {
    this.#messages.length = 0
    this.#usedBytes = 0
  }
}

function isContinuedBy(message: Message, packet: Uint8Array, to: Peer): boolean {
  const isWhole = message.lengthBytes === message.segments * message.segmentBytes
  return (
    isWhole &&
    packet.length > 0 &&
    packet.length <= message.segmentBytes &&
    message.segments < MAX_SEGMENTS &&
    message.lengthBytes + packet.length <= MAX_MESSAGE_BYTES &&
    message.peer.port === to.port &&
    message.peer.address === to.address
  )
}
