import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  creditOutFrame,
  FRAME,
  FRAME_MAX_BYTES,
  frameName,
  frameOf,
  signalFrame,
} from '../../streams/frame.ts'
import { createFrameReader } from '../../streams/frame-reader.ts'

const frame = fc.record({ type: fc.nat(255), payload: fc.uint8Array({ maxLength: 300 }) })

/** Pushes `bytes` in chunks of the given sizes, the last size again and again. */
function readAll(bytes: Uint8Array, sizes: readonly number[]) {
  const reader = createFrameReader()
  const frames: { type: number; payload: number[] }[] = []
  let reason: string | undefined
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[Math.min(turn, sizes.length - 1)] ?? 1
    const read = reader.push(bytes.subarray(at, at + size))
    for (const { type, payload } of read.frames) frames.push({ type, payload: [...payload] })
    reason = read.violation?.reason
    at += size
  }
  return { frames, reason }
}

describe('frames', () => {
  test('are a type, a big-endian length and the payload', () => {
    expect([...frameOf(FRAME.stderr, Uint8Array.of(7, 8)).bytes]).toEqual([19, 0, 0, 0, 2, 7, 8])
    expect([...signalFrame(15).bytes]).toEqual([4, 0, 0, 0, 1, 15])
    expect([...creditOutFrame(2, 65_536).bytes]).toEqual([6, 0, 0, 0, 5, 2, 0, 1, 0, 0])
    expect([frameName(FRAME.stdout), frameName(200)]).toEqual(['stdout', 'type 200'])
  })

  test('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 40 }),
        (frames, sizes) => {
          const bytes = Buffer.concat(frames.map(({ type, payload }) => frameOf(type, payload).bytes))
          const read = readAll(bytes, sizes)
          expect(read.reason).toBeUndefined()
          expect(read.frames).toEqual(frames.map(({ type, payload }) => ({ type, payload: [...payload] })))
        },
      ),
    )
  })

  test('over the limit are not made, and end a reader for ever', () => {
    expect(() => frameOf(FRAME.stdin, new Uint8Array(FRAME_MAX_BYTES + 1))).toThrow(RangeError)
    const reader = createFrameReader()
    const header = Uint8Array.of(FRAME.stdin, 0, 0x40, 0, 1)
    expect(reader.push(header).violation?.reason).toBe(`a frame of ${FRAME_MAX_BYTES + 1} octets`)
    const chunk = Uint8Array.of(FRAME.signal, 0, 1, 0, 1)
    expect(createFrameReader().push(chunk).violation?.reason).toBe('a frame of 65537 octets')
    const request = Uint8Array.of(FRAME.request, 0, 1, 0, 1)
    expect(createFrameReader().push(request).violation).toBeUndefined()
    expect(reader.push(signalFrame(2).bytes)).toMatchObject({ frames: [], violation: { kind: 'violation' } })
  })
})
