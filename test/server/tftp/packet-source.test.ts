import { describe, expect, it } from 'vitest'
import { toNetascii } from '../../../server/tftp/netascii.ts'
import { netasciiPackets } from '../../../server/tftp/netascii-packets.ts'
import { PacketCache } from '../../../server/tftp/packet-cache.ts'
import type { PacketSource } from '../../../server/tftp/packet-source.ts'
import { octetPackets } from '../../../server/tftp/packet-source.ts'

/** A file in memory that counts its reads. */
function countingFile(bytes: Uint8Array, sizeBytes = bytes.length) {
  const file = {
    reads: 0,
    sizeBytes,
    identity: bytes,
    read: async (offset: number, length: number) => {
      file.reads += 1
      return bytes.subarray(offset, offset + length)
    },
    close: async () => {},
  }
  return file
}

const shape = (blockSizeBytes: number, rollover: 0 | 1 = 0) => ({ blockSizeBytes, rollover })
const cache = () => new PacketCache(1 << 20)

async function packet(source: PacketSource, block: number): Promise<Uint8Array> {
  for (let found = source.packet(block); ; found = source.packet(block)) {
    if (found !== undefined) return found
    await source.load(block)
  }
}

/** The data of all blocks up to the short one; fails when their numbers are not in order. */
async function all(source: PacketSource, blockSizeBytes: number): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = []
  do {
    const bytes = Buffer.from(await packet(source, blocks.length + 1))
    expect([bytes.readUInt16BE(0), bytes.readUInt16BE(2)]).toEqual([3, (blocks.length + 1) & 0xffff])
    blocks.push(bytes.subarray(4))
  } while (blocks.at(-1)?.length === blockSizeBytes)
  return blocks
}

const text = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index % 5 ? 65 + (index % 26) : 10))

describe('octetPackets', () => {
  it.each([0, 1, 511, 512, 513, 1024, 65_536, 200_000])(
    'cuts %i octets, the last block short or empty',
    async size => {
      const file = countingFile(text(size))
      const blocks = await all(octetPackets(file, shape(512), cache()), 512)
      expect(blocks.length).toBe(Math.floor(size / 512) + 1)
      expect(Buffer.compare(Buffer.concat(blocks), text(size))).toBe(0)
      expect(file.reads).toBe(Math.ceil(size / (64 * 512)))
    },
  )

  it('serves blocks larger than its read-ahead, and any block again', async () => {
    const source = octetPackets(countingFile(text(300_000)), shape(65_464), cache())
    expect((await packet(source, 5)).length - 4).toBe(300_000 - 4 * 65_464)
    expect((await packet(source, 2)).subarray(4)).toEqual(text(300_000).subarray(65_464, 2 * 65_464))
  })

  it('reads a file once for all its transfers, but not what was made for one request', async () => {
    const [file, shared] = [countingFile(text(20_000)), cache()]
    for (let time = 0; time < 3; time++) await all(octetPackets(file, shape(512), shared), 512)
    expect(file.reads).toBe(1)
    const { identity: _, ...once } = countingFile(text(600))
    await all(octetPackets(once, shape(512), shared), 512)
    expect(Buffer.concat(await all(octetPackets({ ...once }, shape(512), shared), 512)).length).toBe(600)
  })

  it('numbers blocks beyond 65535 as the client counts', async () => {
    const file = countingFile(new Uint8Array(65_537))
    const numbers = async (rollover: 0 | 1) => {
      const source = octetPackets(file, shape(1, rollover), cache())
      const packets = [
        await packet(source, 65_535),
        await packet(source, 65_536),
        await packet(source, 65_537),
      ]
      return packets.map(bytes => Buffer.from(bytes).readUInt16BE(2))
    }
    expect(await numbers(0)).toEqual([65_535, 0, 1])
    expect(await numbers(1)).toEqual([65_535, 1, 2])
  })

  it('rejects when the file is shorter than it said', async () => {
    const source = octetPackets(countingFile(text(600), 2000), shape(512), cache())
    await expect(source.load(1)).rejects.toThrow('file ended early: 600 of 2000 octets at 0')
  })
})

describe('netasciiPackets', () => {
  it.each([0, 1, 8, 70, 512, 100_000])('cuts %i octets of text with network line ends', async size => {
    const blocks = await all(netasciiPackets(countingFile(text(size)), shape(64), 1), 64)
    expect(Buffer.compare(Buffer.concat(blocks), toNetascii(text(size)))).toBe(0)
  })

  it('C139 a line end in netascii may straddle two blocks', async () => {
    const bytes = Uint8Array.from([65, 65, 65, 65, 65, 65, 65, 10, 13, 66])
    const source = netasciiPackets(countingFile(bytes), shape(8), 1)
    expect([...(await packet(source, 1)).subarray(4)]).toEqual([65, 65, 65, 65, 65, 65, 65, 13])
    expect([...(await packet(source, 2)).subarray(4)]).toEqual([10, 13, 0, 66])
  })

  it('keeps a window for retransmission and answers overlapping readers in order', async () => {
    const source = netasciiPackets(countingFile(text(4000)), shape(64), 4)
    await Promise.all([1, 2, 3, 4].map(block => source.load(block)))
    const first = [1, 2, 3, 4].map(source.packet)
    expect(first.every(Boolean)).toBe(true)
    await source.load(5)
    await expect(source.load(1)).rejects.toThrow('acknowledged and is gone')
    expect(source.packet(2)).toBe(first[1])
  })
})
