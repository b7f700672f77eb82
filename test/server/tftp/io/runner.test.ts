import { expect, it } from 'vitest'
import { TransferRunner } from '../../../../server/tftp/io/runner.ts'
import { PLAIN_TERMS } from '../../../../server/tftp/options.ts'
import type { PacketSource } from '../../../../server/tftp/packet-source.ts'
import type { TransferOutcome } from '../../../../server/tftp/transfer-state.ts'

/** A file of `blocks` blocks of one octet, the last empty; block 2 has to be loaded first, and can fail. */
function slowSource(blocks: number, load: () => Promise<void>): PacketSource {
  let isLoaded = false
  return {
    packet: block => {
      if (block === 2 && !isLoaded) return undefined
      return Buffer.from([0, 3, 0, block, ...(block < blocks ? [7] : [])])
    },
    load: async () => {
      await load()
      isLoaded = true
    },
  }
}

const TERMS = { ...PLAIN_TERMS, blockSizeBytes: 1 }
const ack = (block: number) => Buffer.from([0, 4, 0, block])

function run(source: PacketSource, terms = TERMS) {
  const sent: string[] = []
  const ends: TransferOutcome[] = []
  const trouble: string[] = []
  const turns = { needed: 0 }
  const clock = { nowMs: 0 }
  const runner = new TransferRunner({
    terms,
    source,
    clock: () => clock.nowMs,
    send: packet => sent.push(`${packet[1]} ${packet[3]}`),
    onEnd: outcome => ends.push(outcome),
    needTurn: () => (turns.needed += 1),
    onTrouble: reason => trouble.push(reason),
  })
  return { runner, sent, ends, trouble, turns, clock }
}

it('sends what is at hand at once, and waits for what has to be loaded', async () => {
  const { runner, sent, ends, turns } = run(slowSource(3, () => Promise.resolve()))
  expect(sent).toEqual(['3 1'])
  expect(turns.needed).toBe(0)
  runner.onDatagram(ack(1))
  expect(sent).toEqual(['3 1'])
  expect(turns.needed).toBe(1)
  await expect.poll(() => sent).toEqual(['3 1', '3 2'])
  runner.onDatagram(ack(2))
  runner.onDatagram(ack(3))
  expect(sent).toEqual(['3 1', '3 2', '3 3'])
  expect(ends).toEqual(['complete'])
})

it('tells the client when loading fails, and ends', async () => {
  const { runner, sent, ends } = run(slowSource(3, () => Promise.reject(new Error('EIO'))))
  runner.onDatagram(ack(1))
  await expect.poll(() => ends).toEqual(['aborted'])
  expect(sent).toEqual(['3 1', '5 0'])
})

it('gives others their turn after 16 datagrams of a large window', async () => {
  const accepted = [{ name: 'windowsize', value: '64' }]
  const source = { packet: (block: number) => Buffer.from([0, 3, 0, block, 7]), load: async () => undefined }
  const { runner, sent } = run(source, { ...TERMS, windowSize: 64, accepted })
  runner.onDatagram(ack(0))
  expect(sent.length).toBe(1 + 16)
  await expect.poll(() => sent.length).toBe(1 + 64)
})

it('sends again when its time has come, no sooner', () => {
  const { runner, sent, clock } = run(slowSource(3, () => Promise.resolve()))
  for (const nowMs of [10, 500, 990]) runner.tick(nowMs)
  expect(sent).toEqual(['3 1'])
  clock.nowMs = 1000
  runner.tick(1000)
  expect(sent).toEqual(['3 1', '3 1'])
  runner.stop('enough')
  runner.tick(90_000)
  expect(sent.length).toBe(2)
})

it('C129 sends to a client that never answers after 1, 2, 4, 8, 8 and 8 s, then gives up', () => {
  const { runner, sent, ends, clock } = run(slowSource(3, () => Promise.resolve()))
  const atSeconds: number[] = [0]
  for (; clock.nowMs < 60_000; clock.nowMs += 10) {
    const before = sent.length
    runner.tick(clock.nowMs)
    if (sent.length > before) atSeconds.push(clock.nowMs / 1000)
  }
  expect(atSeconds).toEqual([0, 1, 3, 7, 15, 23, 31])
  expect(sent).toEqual([...Array(6).fill('3 1'), '5 0'])
  expect(ends).toEqual(['timeout'])
})

it('reports what is neither ACK nor ERROR', () => {
  const { runner, trouble } = run(slowSource(3, () => Promise.resolve()))
  runner.onDatagram(Buffer.from([0, 3, 0, 1]))
  runner.onDatagram(Buffer.from([0]))
  expect(trouble).toEqual(['neither ACK nor ERROR', 'answer shorter than 4 octets'])
})
