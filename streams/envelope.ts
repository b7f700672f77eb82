import { FRAME_HEADER_BYTES, type Frame, frameOf, type Violation } from './frame.ts'
import { frameIn, frameLength } from './frame-reader.ts'

/**
 * What goes over a link, between a home and a node: frames of many runs, each in an envelope.
 *
 *      4 octets   6 octets   a frame
 *     +---------+----------+---------
 *     | channel | number   | ...
 *     +---------+----------+---------
 *
 * Each side numbers what it sends on channels from 1 on, over all of them, so that after a break both can tell what
 * has arrived. Channel 0 is the link's own: its frames have number 0 and are never sent again.
 */
export const ENVELOPE_BYTES = 10

/** The frames that links have beside those of frame.ts; `open` and `close` belong to a channel, the others to none. */
export const LINK_FRAME = {
  hello: 64,
  welcome: 65,
  gone: 66,
  ack: 67,
  pause: 68,
  open: 72,
  close: 73,
} as const

/** The channel that belongs to no run. */
export const LINK_CHANNEL = 0
/** Octets of the secret by which a link is known again after a break. */
export const LINK_ID_BYTES = 16

/** One frame with its envelope. */
export type LinkRecord = { readonly channel: number; readonly number: number; readonly frame: Frame }

/** Octets of the whole record that begins at `at`. */
export function recordLength(bytes: Uint8Array, at: number): number | Violation {
  const lengthBytes = frameLength(bytes, at + ENVELOPE_BYTES)
  return typeof lengthBytes === 'number' ? ENVELOPE_BYTES + lengthBytes : lengthBytes
}
/** Octets from which {@link recordLength} can tell. */
export const RECORD_HEAD_BYTES = ENVELOPE_BYTES + FRAME_HEADER_BYTES

/** The record that `bytes` are; its frame is a view. */
export function recordIn(bytes: Uint8Array): LinkRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, ENVELOPE_BYTES)
  return {
    channel: view.getUint32(0),
    number: readNumber(view, 4),
    frame: frameIn(bytes.subarray(ENVELOPE_BYTES)),
  }
}

/** What goes before the frame. */
export function envelopeOf(channel: number, number: number): Uint8Array {
  const bytes = new Uint8Array(ENVELOPE_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, channel)
  writeNumber(view, 4, number)
  return bytes
}

/** The first record of a connection: which link it is, and how much of it the caller has received before. */
export type Greeting = {
  readonly kind: 'hello'
  readonly id: Uint8Array
  /** Whether the link was there before and a break is to be mended. */
  readonly resumes: boolean
  readonly received: number
}

/** The octets of a greeting. */
export function helloRecord({ id, resumes, received }: Omit<Greeting, 'kind'>): Uint8Array {
  const payload = new Uint8Array(2 + LINK_ID_BYTES + 6)
  payload[0] = LINK_VERSION
  payload[1] = resumes ? 1 : 0
  payload.set(id.subarray(0, LINK_ID_BYTES), 2)
  writeNumber(new DataView(payload.buffer), 2 + LINK_ID_BYTES, received)
  return own(LINK_FRAME.hello, payload)
}

/** Reads a greeting; anything else is a violation. */
export function readHello({ channel, frame: { type, payload } }: LinkRecord): Greeting | Violation {
  const isHello = channel === LINK_CHANNEL && type === LINK_FRAME.hello
  if (!isHello || payload.length !== 2 + LINK_ID_BYTES + 6)
    return { kind: 'violation', reason: 'no greeting' }
  if (payload[0] !== LINK_VERSION)
    return { kind: 'violation', reason: `a link of version ${payload[0]}, not ${LINK_VERSION}` }
  const id = payload.slice(2, 2 + LINK_ID_BYTES)
  return { kind: 'hello', id, resumes: payload[1] === 1, received: numberAt(payload, 2 + LINK_ID_BYTES) }
}

/** The octets of a welcome, which says how much was received on this link before. */
export function welcomeRecord(received: number): Uint8Array {
  return own(LINK_FRAME.welcome, numberPayload(received))
}

/** The octets of the answer to who comes back to a link that is no more. */
export function goneRecord(): Uint8Array {
  return own(LINK_FRAME.gone, new Uint8Array(0))
}

/** The octets of an acknowledgement: everything up to `received` has arrived. Also the sign of life of an idle link. */
export function ackRecord(received: number): Uint8Array {
  return own(LINK_FRAME.ack, numberPayload(received))
}

/** The octets by which a side that is about to be stopped excuses its silence. */
export function pauseRecord(): Uint8Array {
  return own(LINK_FRAME.pause, new Uint8Array(0))
}

/** The number that a welcome or an acknowledgement carries. */
export function receivedIn({ payload }: Frame): number | Violation {
  return payload.length === 6 ? numberAt(payload, 0) : { kind: 'violation', reason: 'no number' }
}

const LINK_VERSION = 1

function own(type: number, payload: Uint8Array): Uint8Array {
  const { bytes } = frameOf(type, payload)
  const record = new Uint8Array(ENVELOPE_BYTES + bytes.length)
  record.set(bytes, ENVELOPE_BYTES)
  return record
}

function numberPayload(number: number): Uint8Array {
  const payload = new Uint8Array(6)
  writeNumber(new DataView(payload.buffer), 0, number)
  return payload
}

function numberAt(bytes: Uint8Array, at: number): number {
  return readNumber(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), at)
}

function readNumber(view: DataView, at: number): number {
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2)
}

function writeNumber(view: DataView, at: number, number: number): void {
  view.setUint16(at, Math.floor(number / 2 ** 32))
  view.setUint32(at + 2, number % 2 ** 32)
}
