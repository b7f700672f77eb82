import type * as z from 'zod'
import { FRAME_MAX_BYTES, FRAME_TYPES, type Frame, type FrameType } from './frames.ts'

/** Octets before the payload: type and length. */
export const FRAME_HEADER_BYTES = 5

const NAMES: ReadonlyMap<number, FrameType> = new Map(
  Object.entries(FRAME_TYPES).map(([name, code]) => [code, name as FrameType]),
)

/** Why a peer's octets are not frames: nothing after this point can be read. */
export type FrameViolation = { readonly kind: 'violation'; readonly reason: string }
/** What {@link FrameParser.push} found: the frames that are whole now, and what was wrong after them, if anything. */
export type Parsed = { readonly frames: readonly Frame[]; readonly violation: FrameViolation | undefined }

/** Takes octets as they arrive and hands out whole frames; after a violation it answers that one for ever. */
export type FrameParser = { push(bytes: Uint8Array): Parsed }

/** The octets of one frame. Throws RangeError for a payload over `FRAME_MAX_BYTES`: no peer would read it. */
export function encodeFrame(type: FrameType, payload: Uint8Array): Uint8Array {
  if (payload.length > FRAME_MAX_BYTES) throw new RangeError(`a ${type} frame of ${payload.length} octets`)
  const frame = new Uint8Array(FRAME_HEADER_BYTES + payload.length)
  frame[0] = FRAME_TYPES[type]
  new DataView(frame.buffer).setUint32(1, payload.length)
  frame.set(payload, FRAME_HEADER_BYTES)
  return frame
}

/** The octets of a frame whose payload is `value` as JSON. Throws RangeError as {@link encodeFrame} does. */
export function encodeJsonFrame(type: FrameType, value: unknown): Uint8Array {
  return encodeFrame(type, new TextEncoder().encode(JSON.stringify(value)))
}

/** The JSON payload of a frame, checked by `schema`; a violation names the first field that does not fit. */
export function decodePayload<T>(
  schema: z.ZodType<T>,
  payload: Uint8Array,
): { readonly kind: 'payload'; readonly payload: T } | FrameViolation {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch {
    return { kind: 'violation', reason: 'payload is not JSON' }
  }
  const result = schema.safeParse(json)
  if (result.success) return { kind: 'payload', payload: result.data }
  const issue = result.error.issues[0]
  return { kind: 'violation', reason: `payload: ${issue?.path.join('.')}: ${issue?.message}` }
}

/**
 * A parser for one connection. It keeps at most one incomplete frame (so never more than `FRAME_MAX_BYTES` and a
 * header); whole frames in a pushed chunk are views into that chunk, not copies.
 */
export function createFrameParser(): FrameParser {
  let rest = new Uint8Array(0)
  let restBytes = 0
  let violation: FrameViolation | undefined

  /** Appends to the incomplete frame; room doubles, so octets arriving one by one stay cheap. */
  function keep(bytes: Uint8Array): void {
    if (restBytes + bytes.length > rest.length) {
      const larger = new Uint8Array(Math.max(2 * rest.length, restBytes + bytes.length, 64))
      larger.set(rest.subarray(0, restBytes))
      rest = larger
    }
    rest.set(bytes, restBytes)
    restBytes += bytes.length
  }

  /** Reads frames off `bytes`; answers what was read and where the incomplete rest begins. */
  function read(bytes: Uint8Array): { frames: Frame[]; readBytes: number } {
    const frames: Frame[] = []
    let at = 0
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const header = readHeader(bytes, at)
      if (header.kind === 'violation') {
        violation = header
        break
      }
      const end = at + FRAME_HEADER_BYTES + header.lengthBytes
      if (end > bytes.length) break
      frames.push({ type: header.type, payload: bytes.subarray(at + FRAME_HEADER_BYTES, end) })
      at = end
    }
    return { frames, readBytes: at }
  }

  return {
    push(bytes) {
      if (violation) return { frames: [], violation }
      if (restBytes > 0) keep(bytes)
      const whole = restBytes > 0 ? rest.subarray(0, restBytes) : bytes
      const { frames, readBytes } = read(whole)
      const left = whole.subarray(readBytes)
      if (restBytes === 0) keep(left)
      else if (readBytes > 0) {
        // The frames handed out are views into the old buffer: leave it to them.
        rest = left.slice()
        restBytes = rest.length
      }
      return { frames, violation }
    },
  }
}

type Header = { readonly kind: 'header'; readonly type: FrameType; readonly lengthBytes: number }

function readHeader(bytes: Uint8Array, at: number): Header | FrameViolation {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEADER_BYTES)
  const type = NAMES.get(view.getUint8(0))
  const lengthBytes = view.getUint32(1)
  if (!type) return { kind: 'violation', reason: `unknown frame type ${view.getUint8(0)}` }
  if (lengthBytes > FRAME_MAX_BYTES)
    return { kind: 'violation', reason: `${type} frame of ${lengthBytes} octets` }
  return { kind: 'header', type, lengthBytes }
}
