/**
 * The frames between deputy, door, agent and keeper, on unix sockets and inside a link alike:
 *
 *      1 octet   4 octets, big-endian   length octets
 *     +-------+------------------------+-------------
 *     | type  | length                 | payload ...
 *     +-------+------------------------+-------------
 *
 * Payloads are raw octets, small big-endian numbers, or tagged strings (tagged.ts): the two ends are C programs.
 * What a frame carries flows against credit between those two ends, so who stands in between relays whole frames and
 * never holds more than was granted.
 */
export const FRAME = {
  request: 1,
  stdin: 2,
  stdinEnd: 3,
  signal: 4,
  winsize: 5,
  creditOut: 6,
  terminalIn: 7,
  typedAhead: 10,
  started: 16,
  refused: 17,
  stdout: 18,
  stderr: 19,
  credit: 20,
  ended: 21,
  stopped: 22,
  home: 32,
  notice: 33,
  failed: 34,
  placed: 35,
  detached: 36,
  ready: 37,
  launch: 48,
  end: 49,
} as const

/** The highest type that a deputy may ever send; whoever relays need not know what all of them mean. */
export const LAST_OF_DEPUTY = 15
/** The same for a keeper. */
export const LAST_OF_KEEPER = 31

/** Octets before the payload: type and length. */
export const FRAME_HEADER_BYTES = 5
/** A longer frame ends the connection: arguments and environment, the longest there is, fit (execve(2): 2 MiB). */
export const FRAME_MAX_BYTES = 4 << 20
/** The same for every frame but a request: relays keep some of them, and nobody is to fill their memory with those. */
export const FRAME_CHUNK_BYTES = 64 << 10
/** What either end of a stream may send before the other has taken any of it. */
export const STREAM_CREDIT_BYTES = 256 << 10

/** Why a peer's octets are not what they should be: nothing after this point can be read. */
export type Violation = { readonly kind: 'violation'; readonly reason: string }

/** A frame as it lies in a buffer: `bytes` with its header, `payload` a view of the rest. */
export type Frame = { readonly type: number; readonly bytes: Uint8Array; readonly payload: Uint8Array }

/** The frame of `type` with a copy of `payload`. Throws RangeError over FRAME_MAX_BYTES: no peer would read it. */
export function frameOf(type: number, payload: Uint8Array = NOTHING): Frame {
  if (payload.length > FRAME_MAX_BYTES) throw new RangeError(`a frame of ${payload.length} octets`)
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length)
  bytes[0] = type
  new DataView(bytes.buffer).setUint32(1, payload.length)
  bytes.set(payload, FRAME_HEADER_BYTES)
  return { type, bytes, payload: bytes.subarray(FRAME_HEADER_BYTES) }
}

/** The frame that lets the other side send `bytes` more of output stream 1 or 2. */
export function creditOutFrame(stream: 1 | 2, bytes: number): Frame {
  const payload = new Uint8Array(5)
  payload[0] = stream
  new DataView(payload.buffer).setUint32(1, bytes)
  return frameOf(FRAME.creditOut, payload)
}

/** The frame that sends signal `number` (signal(7)). */
export function signalFrame(number: number): Frame {
  return frameOf(FRAME.signal, Uint8Array.of(number))
}

/** A name for people: `stdout`, or the number of a type that has none. */
export function frameName(type: number): string {
  return NAMES.get(type) ?? `type ${type}`
}

const NOTHING = new Uint8Array(0)
const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(FRAME).map(([name, type]) => [type, name]))
