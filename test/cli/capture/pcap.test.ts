import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainCapture } from '../../../cli/capture/explain.ts'
import { readPcap } from '../../../cli/capture/pcap.ts'
import { isPcapng, readPcapng } from '../../../cli/capture/pcapng.ts'
import { segmentOf } from '../../../cli/capture/segment.ts'
import { pcapOf, udpFrame } from './frames.ts'

const FRAMES = [
  udpFrame(1_700_000_000_123.456, ['10.0.0.1', 67], ['255.255.255.255', 68], Uint8Array.of(1, 2, 3)),
  udpFrame(1_700_000_001_000, ['10.0.0.1', 69], ['10.0.0.2', 2070], new Uint8Array(500)),
]

/** The frames in pcapng as dumpcap writes it: section, one interface of nanoseconds, enhanced packets. */
function pcapngOf(): Uint8Array {
  const block = (type: number, body: Buffer) => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)])
    const length = Buffer.alloc(4)
    length.writeUInt32LE(padded.length + 12)
    const head = Buffer.alloc(4)
    head.writeUInt32LE(type)
    return Buffer.concat([head, length, padded, length])
  }
  const section = Buffer.from('4d3c2b1a01000000ffffffffffffffff', 'hex')
  const nanoseconds = Buffer.from('0100000000000400090001000900000000000000', 'hex')
  const packets = FRAMES.map(({ atMs, bytes }) => {
    const ticks = BigInt(Math.round(atMs * 1000)) * 1000n
    const head = Buffer.alloc(20)
    head.writeUInt32LE(Number(ticks >> 32n), 4)
    head.writeUInt32LE(Number(ticks & 0xffff_ffffn), 8)
    head.writeUInt32LE(bytes.length, 12)
    head.writeUInt32LE(bytes.length, 16)
    return block(6, Buffer.concat([head, bytes]))
  })
  return new Uint8Array(Buffer.concat([block(0x0a0d0d0a, section), block(1, nanoseconds), ...packets]))
}

const payloads = (frames: readonly { atMs: number; linkType: number; bytes: Uint8Array }[]) =>
  frames.map(frame => segmentOf(frame)?.sizeBytes)

describe('a capture file', () => {
  it.each([
    ['little-endian', false],
    ['big-endian', true],
  ])('of libpcap, %s', (_what, isBig) => {
    const read = readPcap(pcapOf(FRAMES, isBig))
    if (read.kind !== 'frames') throw new Error(read.reason)
    expect(payloads(read.frames)).toEqual([3, 500])
    expect(read.frames[0]?.atMs).toBeCloseTo(FRAMES[0]?.atMs ?? 0, 2)
    expect(read.isCutOff).toBe(false)
  })

  it('of pcapng', () => {
    const file = pcapngOf()
    expect(isPcapng(file)).toBe(true)
    const read = readPcapng(file)
    if (read.kind !== 'frames') throw new Error(read.reason)
    expect(payloads(read.frames)).toEqual([3, 500])
    expect(read.frames[0]?.atMs).toBeCloseTo(FRAMES[0]?.atMs ?? 0, 2)
  })

  it('that ends in a packet gives the packets before it', () => {
    const file = pcapOf(FRAMES)
    expect(readPcap(file.subarray(0, file.length - 1))).toMatchObject({ isCutOff: true, frames: [{}] })
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['text', new TextEncoder().encode('this is a text and no capture at all')],
  ])('that is %s is refused', (_what, bytes) => {
    expect(readPcap(bytes).kind).toBe('unreadable')
  })

  it('however damaged never throws', () => {
    const files = [pcapOf(FRAMES), pcapngOf()]
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 12 }),
        fc.nat(700),
        (file, changes, length) => {
          const damaged = file.slice(0, Math.max(4, file.length - length))
          for (const [at, octet] of changes) if (at < damaged.length) damaged[at] = octet
          const read = isPcapng(damaged) ? readPcapng(damaged) : readPcap(damaged)
          if (read.kind === 'frames') explainCapture(read.frames)
        },
      ),
    )
  })
})
