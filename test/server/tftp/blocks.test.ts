import { describe, expect, it } from 'vitest'
import type { BlockReader, TftpFile } from '../../../server/tftp/blocks.ts'
import { netasciiBlocks, octetBlocks } from '../../../server/tftp/blocks.ts'
import { toNetascii } from '../../../server/tftp/netascii.ts'

/** A file in memory that counts its reads. */
function memoryFile(bytes: Uint8Array, sizeBytes = bytes.length): TftpFile & { reads: number } {
  const file = {
    reads: 0,
    sizeBytes,
    read: async (offset: number, length: number) => {
      file.reads += 1
      return bytes.subarray(offset, offset + length)
    },
    close: async () => {},
  }
  return file
}

/** All blocks up to the short one. */
async function all(read: BlockReader, blockSizeBytes: number): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = []
  do blocks.push(await read(blocks.length + 1))
  while (blocks.at(-1)?.length === blockSizeBytes)
  return blocks
}

const text = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index % 5 ? 65 + (index % 26) : 10))

describe('octetBlocks', () => {
  it.each([0, 1, 511, 512, 513, 1024, 65_536, 200_000])(
    'cuts %i octets, the last block short or empty',
    async size => {
      const file = memoryFile(text(size))
      const blocks = await all(octetBlocks(file, 512), 512)
      expect(blocks.length).toBe(Math.floor(size / 512) + 1)
      expect(Buffer.compare(Buffer.concat(blocks), text(size))).toBe(0)
      expect(file.reads).toBe(Math.ceil(size / 65_536))
    },
  )

  it('serves blocks larger than its read-ahead, and any block again', async () => {
    const read = octetBlocks(memoryFile(text(300_000)), 65_464)
    expect((await read(5)).length).toBe(300_000 - 4 * 65_464)
    expect(await read(2)).toEqual(text(300_000).subarray(65_464, 2 * 65_464))
  })

  it('rejects when the file is shorter than it said', async () => {
    const read = octetBlocks(memoryFile(text(600), 2000), 512)
    await expect(read(1)).rejects.toThrow('file ended early: 600 of 2000 octets at 0')
  })
})

describe('netasciiBlocks', () => {
  it.each([0, 1, 8, 70, 512, 100_000])('cuts %i octets of text with network line ends', async size => {
    const blocks = await all(netasciiBlocks(memoryFile(text(size)), 64, 1), 64)
    expect(Buffer.compare(Buffer.concat(blocks), toNetascii(text(size)))).toBe(0)
  })

  it('lets a line end straddle two blocks', async () => {
    const read = netasciiBlocks(memoryFile(Uint8Array.from([65, 65, 65, 65, 65, 65, 65, 10, 66])), 8, 1)
    expect([...(await read(1))]).toEqual([65, 65, 65, 65, 65, 65, 65, 13])
    expect([...(await read(2))]).toEqual([10, 66])
  })

  it('keeps a window for retransmission and answers overlapping readers in order', async () => {
    const read = netasciiBlocks(memoryFile(text(4000)), 64, 4)
    const first = await Promise.all([1, 2, 3, 4].map(read))
    expect(await Promise.all([1, 2, 3, 4].map(read))).toEqual(first)
    await read(5)
    await expect(read(1)).rejects.toThrow('acknowledged and is gone')
    expect(await read(2)).toEqual(first[1])
  })
})
