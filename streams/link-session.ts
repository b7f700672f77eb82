import { envelopeOf, LINK_CHANNEL, type LinkRecord } from './envelope.ts'
import type { Frame, Violation } from './frame.ts'

/** A record as it is written: its envelope and its frame, apart, because copying frames would cost more than both. */
export type SentRecord = {
  readonly number: number
  readonly envelope: Uint8Array
  readonly frame: Uint8Array
}

/** What to do with a record that came: hand it on, or nothing, because it was handed on before. */
export type Taken = { readonly kind: 'new' } | { readonly kind: 'again' } | Violation

/** Acknowledged at the latest after this many octets, or records, have come. */
const ACK_AFTER_BYTES = 256 << 10
const ACK_AFTER_RECORDS = 128
/** Over this much that nobody has acknowledged, senders must wait: the other side is away or too slow. */
const FULL_BYTES = 8 << 20
const FULL_RECORDS = 16_384

/**
 * One side of a link that outlives its connections: it numbers what it sends, keeps that until the other side has
 * acknowledged it, and drops what comes twice. It knows no connection and no clock.
 */
export type LinkSession = {
  /** The next record to write; kept until it is acknowledged. */
  send(channel: number, frame: Frame): SentRecord
  /** Judges a record that came on a channel of a run. */
  take(record: LinkRecord): Taken
  /** How much of what the other side sent has arrived. */
  received(): number
  /** Whether it is time to acknowledge that; `told` says that it was done. */
  owesAck(): boolean
  told(): void
  /** Forgets what has arrived over there. */
  acknowledged(upTo: number): Violation | undefined
  /** After a break, what must be written again, in order, to a side that has received up to `upTo`. */
  replay(upTo: number): readonly SentRecord[] | Violation
  /** Whether senders must wait. */
  isFull(): boolean
  /** Whether those that waited may go on: half of the room is free. */
  hasRoom(): boolean
}

/** A link on which nothing was sent. */
export function createLinkSession(): LinkSession {
  let sentNumber = 0
  let kept: SentRecord[] = []
  let keptFrom = 0
  let keptBytes = 0
  let receivedNumber = 0
  let owedBytes = 0
  let owedRecords = 0

  const keptRecords = (): number => kept.length - keptFrom

  /** Drops from the head; the array is cut only now and then, so that a drop costs no copy of the rest. */
  function drop(upTo: number): void {
    for (let first = kept[keptFrom]; first !== undefined && first.number <= upTo; first = kept[keptFrom]) {
      keptBytes -= first.frame.length
      keptFrom += 1
    }
    if (keptFrom * 2 > kept.length) {
      kept = kept.slice(keptFrom)
      keptFrom = 0
    }
  }

  function acknowledged(upTo: number): Violation | undefined {
    if (upTo > sentNumber) return violation(`${upTo} acknowledged, ${sentNumber} sent`)
    drop(upTo)
    return undefined
  }

  return {
    send(channel, { bytes }) {
      sentNumber += 1
      const record = { number: sentNumber, envelope: envelopeOf(channel, sentNumber), frame: bytes }
      kept.push(record)
      keptBytes += bytes.length
      return record
    },
    take({ channel, number, frame }) {
      if (channel === LINK_CHANNEL) return violation('a run on the channel of the link')
      if (number <= receivedNumber) return { kind: 'again' }
      if (number !== receivedNumber + 1) return violation(`record ${number} after ${receivedNumber}`)
      receivedNumber = number
      owedBytes += frame.bytes.length
      owedRecords += 1
      return { kind: 'new' }
    },
    received: () => receivedNumber,
    owesAck: () => owedBytes >= ACK_AFTER_BYTES || owedRecords >= ACK_AFTER_RECORDS,
    told() {
      owedBytes = 0
      owedRecords = 0
    },
    acknowledged,
    replay(upTo) {
      const first = kept[keptFrom]?.number ?? sentNumber + 1
      if (upTo < first - 1) return violation(`${upTo} received, all before ${first} is forgotten`)
      return acknowledged(upTo) ?? kept.slice(keptFrom)
    },
    isFull: () => keptBytes > FULL_BYTES || keptRecords() > FULL_RECORDS,
    hasRoom: () => keptBytes <= FULL_BYTES / 2 && keptRecords() <= FULL_RECORDS / 2,
  }
}

function violation(reason: string): Violation {
  return { kind: 'violation', reason }
}
