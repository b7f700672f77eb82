import {
  FRAME,
  FRAME_CHUNK_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_MAX_BYTES,
  type Frame,
  type Violation,
} from './frame.ts'
import { createPieces } from './pieces.ts'

/** The frames that are whole now, and what was wrong after them, if anything. */
export type ReadFrames = { readonly frames: readonly Frame[]; readonly violation: Violation | undefined }

/** Takes octets as they arrive and hands out whole frames; after a violation it answers that one for ever. */
export type FrameReader = { push(bytes: Uint8Array): ReadFrames }

/**
 * A reader for one connection. It keeps at most one incomplete frame; whole ones in a pushed chunk are views into
 * that chunk, not copies.
 */
export function createFrameReader(): FrameReader {
  const pieces = createPieces(FRAME_HEADER_BYTES, frameLength)
  return {
    push(bytes) {
      const { pieces: whole, violation } = pieces.push(bytes)
      return { frames: whole.map(frameIn), violation }
    },
  }
}

/** The frame that `bytes` are, header and all. */
export function frameIn(bytes: Uint8Array): Frame {
  return { type: bytes[0] ?? 0, bytes, payload: bytes.subarray(FRAME_HEADER_BYTES) }
}

/** Octets of the whole frame whose header lies at `at`, or why nobody sends such a one. */
export function frameLength(bytes: Uint8Array, at: number): number | Violation {
  const lengthBytes = new DataView(bytes.buffer, bytes.byteOffset + at + 1, 4).getUint32(0)
  const maxBytes = bytes[at] === FRAME.request ? FRAME_MAX_BYTES : FRAME_CHUNK_BYTES
  return lengthBytes > maxBytes
    ? { kind: 'violation', reason: `a frame of ${lengthBytes} octets` }
    : FRAME_HEADER_BYTES + lengthBytes
}
