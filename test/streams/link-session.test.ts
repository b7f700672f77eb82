import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ackRecord, RECORD_HEAD_BYTES, receivedIn, recordIn, recordLength } from '../../streams/envelope.ts'
import { FRAME, frameOf } from '../../streams/frame.ts'
import { BREAK_LIMIT_MS, heardAt, linkHealth, lookedAt, wasAway } from '../../streams/link-health.ts'
import { createLinkSession, type SentRecord } from '../../streams/link-session.ts'
import { createPieces } from '../../streams/pieces.ts'

/** What happens on a link, one after the other. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('send' as const), size: fc.nat(3000) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('deliver' as const), size: fc.nat(9000) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('ack' as const), size: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('break' as const), size: fc.constant(0) }) },
)

/** One direction of a link: octets on the way, of which a break loses all that has not arrived. */
function openDirection() {
  const [sender, receiver] = [createLinkSession(), createLinkSession()]
  const sent: number[] = []
  const got: number[] = []
  let wire: Uint8Array = new Uint8Array(0)
  let reader = createPieces(RECORD_HEAD_BYTES, recordLength)
  const put = ({ envelope, frame }: SentRecord) => {
    wire = Buffer.concat([wire, envelope, frame])
  }
  return {
    sender,
    sent,
    got,
    send(sizeBytes: number) {
      const mark = sent.length
      const payload = new Uint8Array(4 + sizeBytes)
      new DataView(payload.buffer).setUint32(0, mark)
      sent.push(mark)
      put(sender.send(1 + (mark % 3), frameOf(FRAME.stdout, payload)))
    },
    deliver(sizeBytes: number) {
      for (const piece of reader.push(wire.subarray(0, sizeBytes)).pieces) {
        const record = recordIn(piece)
        const taken = receiver.take(record)
        if (taken.kind === 'violation') throw new Error(taken.reason)
        const { payload } = record.frame
        if (taken.kind === 'new') got.push(new DataView(payload.buffer, payload.byteOffset).getUint32(0))
      }
      wire = wire.slice(sizeBytes)
    },
    acknowledge() {
      const received = receivedIn(recordIn(ackRecord(receiver.received())).frame)
      if (typeof received !== 'number') throw new Error(received.reason)
      expect(sender.acknowledged(received)).toBeUndefined()
    },
    /** A new connection: what was on the way is lost, and the receiver says what it has. */
    mend() {
      wire = new Uint8Array(0)
      reader = createPieces(RECORD_HEAD_BYTES, recordLength)
      const again = sender.replay(receiver.received())
      if ('kind' in again) throw new Error(again.reason)
      for (const record of again) put(record)
    },
    rest: () => wire.length,
  }
}

describe('a link', () => {
  test('loses and doubles nothing, whatever breaks when', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), happenings => {
        const way = openDirection()
        for (const { what, size } of happenings) {
          if (what === 'send') way.send(size)
          if (what === 'deliver') way.deliver(size)
          if (what === 'ack') way.acknowledge()
          if (what === 'break') way.mend()
        }
        way.deliver(way.rest())
        expect(way.got).toEqual(way.sent)
      }),
      { numRuns: 300 },
    )
  })

  test('keeps what is not acknowledged, says when it is full, and when there is room again', () => {
    const way = openDirection()
    let frames = 0
    for (; !way.sender.isFull(); frames += 1) way.send(60 << 10)
    expect(frames * (60 << 10)).toBeLessThan(9 << 20)
    expect(way.sender.hasRoom()).toBe(false)
    way.deliver(way.rest())
    way.acknowledge()
    expect([way.sender.isFull(), way.sender.hasRoom()]).toEqual([false, true])
  })

  test('is full of small frames too', () => {
    const way = openDirection()
    const frame = frameOf(FRAME.stdout, Uint8Array.of(1))
    let frames = 0
    for (; !way.sender.isFull(); frames += 1) way.sender.send(1, frame)
    expect(frames).toBeLessThan(20_000)
  })

  test('acknowledges after enough octets or records, and not each', () => {
    const receiver = createLinkSession()
    const sender = createLinkSession()
    const pass = (sizeBytes: number) => {
      const { envelope, frame } = sender.send(1, frameOf(FRAME.stdin, new Uint8Array(sizeBytes)))
      receiver.take(recordIn(Buffer.concat([envelope, frame])))
    }
    pass(1)
    expect(receiver.owesAck()).toBe(false)
    for (let count = 0; count < 4; count += 1) pass(64 << 10)
    expect(receiver.owesAck()).toBe(true)
    receiver.told()
    expect(receiver.owesAck()).toBe(false)
    for (let count = 0; count < 128; count += 1) pass(1)
    expect(receiver.owesAck()).toBe(true)
  })

  test('takes no gap, no acknowledgement of what was never sent, and mends nothing that it has forgotten', () => {
    const [sender, receiver] = [createLinkSession(), createLinkSession()]
    const records = [1, 2, 3].map(channel => sender.send(channel, frameOf(FRAME.stdinEnd)))
    const [first, , third] = records.map(({ envelope, frame }) => recordIn(Buffer.concat([envelope, frame])))
    if (!first || !third) throw new Error('three records')
    expect(receiver.take(first).kind).toBe('new')
    expect(receiver.take(first).kind).toBe('again')
    expect(receiver.take(third)).toEqual({ kind: 'violation', reason: 'record 3 after 1' })
    expect(sender.acknowledged(4)?.reason).toBe('4 acknowledged, 3 sent')
    sender.acknowledged(2)
    expect(sender.replay(1)).toMatchObject({ kind: 'violation' })
    expect(sender.replay(2)).toHaveLength(1)
  })
})

test('a silence is a break after 5 s, and the end after 12 s', () => {
  expect([0, 4999, 5000, BREAK_LIMIT_MS - 1, BREAK_LIMIT_MS].map(linkHealth)).toEqual([
    'alive',
    'alive',
    'silent',
    'silent',
    'over',
  ])
})

describe('the silence of the other side', () => {
  const looks = (everyMs: number, count: number) =>
    Array.from({ length: count }, (_, at) => (at + 1) * everyMs).reduce(lookedAt, heardAt(0))

  test('is counted whole by who looks often, and ends when something is heard', () => {
    expect(looks(1000, 11).silentMs).toBe(11_000)
    expect(heardAt(11_500)).toEqual({ silentMs: 0, countedToMs: 11_500 })
  })

  test('is not the time in which we were stopped, but comes to an end for who is always late', () => {
    expect(linkHealth(looks(3_600_000, 1).silentMs)).toBe('silent')
    expect(linkHealth(looks(60_000, 2).silentMs)).toBe('over')
  })

  test('is ours when we stood still for as long as others wait', () => {
    expect([11_999, BREAK_LIMIT_MS].map(nowMs => wasAway(heardAt(0), nowMs))).toEqual([false, true])
  })
})
