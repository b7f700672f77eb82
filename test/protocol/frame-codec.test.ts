import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { createFrameParser, decodePayload, encodeFrame, encodeJsonFrame } from '../../protocol/frame-codec.ts'
import { FRAME_MAX_BYTES, FRAME_TYPES, type Frame, type FrameType } from '../../protocol/frames.ts'

const frame = fc.record({
  type: fc.constantFrom(...(Object.keys(FRAME_TYPES) as FrameType[])),
  payload: fc.uint8Array({ maxLength: 300 }),
})

function join(frames: readonly Frame[]): Uint8Array {
  return Buffer.concat(frames.map(({ type, payload }) => encodeFrame(type, payload)))
}

/** Pushes `bytes` in chunks of the given sizes, the last size again and again. */
function pushAll(
  bytes: Uint8Array,
  sizes: readonly number[],
): { frames: Frame[]; reason: string | undefined } {
  const parser = createFrameParser()
  const frames: Frame[] = []
  let reason: string | undefined
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[Math.min(turn, sizes.length - 1)] ?? 1
    const parsed = parser.push(bytes.subarray(at, at + size))
    frames.push(...parsed.frames.map(({ type, payload }) => ({ type, payload: Uint8Array.from(payload) })))
    reason = parsed.violation?.reason
    at += size
  }
  return { frames, reason }
}

describe('frames', () => {
  test('are a type, a big-endian length and the payload', () => {
    expect([...encodeFrame('stderr', Uint8Array.of(7, 8))]).toEqual([19, 0, 0, 0, 2, 7, 8])
    expect([...encodeJsonFrame('credit', { bytes: 1 })].slice(0, 5)).toEqual([20, 0, 0, 0, 11])
  })

  test('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 40 }),
        (frames, sizes) => {
          const read = pushAll(join(frames), sizes)
          expect(read.reason).toBeUndefined()
          expect(read.frames).toEqual(
            frames.map(({ type, payload }) => ({ type, payload: Uint8Array.from(payload) })),
          )
        },
      ),
    )
  })

  test('come out one octet at a time, the largest included', () => {
    const small: Frame[] = [
      { type: 'stdin', payload: Uint8Array.of(1, 2, 3) },
      { type: 'stdinEnd', payload: new Uint8Array(0) },
      { type: 'signal', payload: Uint8Array.of(9) },
    ]
    expect(pushAll(join(small), [1]).frames).toEqual(small)
    const large: Frame = { type: 'start', payload: new Uint8Array(FRAME_MAX_BYTES).fill(5) }
    const read = pushAll(join([large]), [1, 1, 1, 1, 1, 1, 1000])
    expect([read.frames.length, read.frames[0]?.payload.length]).toEqual([1, FRAME_MAX_BYTES])
  })

  test('handed out stay as they are when more arrives', () => {
    const parser = createFrameParser()
    const bytes = join([{ type: 'stdout', payload: Uint8Array.of(1, 2, 3, 4) }])
    parser.push(bytes.subarray(0, 6))
    const [first] = parser.push(Buffer.concat([bytes.subarray(6), bytes.subarray(0, 6)])).frames
    parser.push(bytes.subarray(6))
    expect([...(first?.payload ?? [])]).toEqual([1, 2, 3, 4])
  })

  test('too long to be true end the stream before their payload is waited for', () => {
    const parser = createFrameParser()
    const header = new Uint8Array(5)
    header[0] = FRAME_TYPES.stdin
    new DataView(header.buffer).setUint32(1, FRAME_MAX_BYTES + 1)
    expect(parser.push(header)).toEqual({
      frames: [],
      violation: { kind: 'violation', reason: `stdin frame of ${FRAME_MAX_BYTES + 1} octets` },
    })
    expect(parser.push(encodeFrame('stdinEnd', new Uint8Array(0))).violation).toBeDefined()
    expect(() => encodeFrame('stdin', new Uint8Array(FRAME_MAX_BYTES + 1))).toThrow(RangeError)
  })

  test('before an unknown type are still handed out', () => {
    const good = encodeFrame('stdinEnd', new Uint8Array(0))
    const parsed = createFrameParser().push(Buffer.concat([good, Uint8Array.of(200, 0, 0, 0, 0)]))
    expect(parsed.frames.map(({ type }) => type)).toEqual(['stdinEnd'])
    expect(parsed.violation?.reason).toBe('unknown frame type 200')
  })

  test('of any octets at all never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), chunks => {
        const parser = createFrameParser()
        for (const chunk of chunks) parser.push(chunk)
      }),
    )
  })
})

test.each([
  ['no JSON', Uint8Array.of(0x7b), 'payload is not JSON'],
  ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'payload is not JSON'],
  ['another shape', new TextEncoder().encode('{"bytes":"x"}'), /^payload: bytes: /],
])('a payload that is %s is a violation', (_name, payload, reason) => {
  const read = decodePayload(z.object({ bytes: z.number() }), payload)
  expect(read.kind === 'violation' && read.reason).toEqual(
    typeof reason === 'string' ? reason : expect.stringMatching(reason),
  )
})
