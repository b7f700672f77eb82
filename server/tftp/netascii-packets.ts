import { encodeData } from './encode.ts'
import type { TftpFile } from './file.ts'
import { toNetascii } from './netascii.ts'
import type { PacketShape, PacketSource } from './packet-source.ts'
import { readExactly } from './read-exactly.ts'

/** One read fetches about this much. */
const READ_BYTES = 65_536

/**
 * The packets of `file` with network line ends (mode netascii). A block's place in the file follows from all that came
 * before, so they are made once, in order, and the last `windowSize` of them are kept for retransmission.
 */
export function netasciiPackets(file: TftpFile, shape: PacketShape, windowSize: number): PacketSource {
  const { blockSizeBytes, rollover } = shape
  const kept = new Map<number, Uint8Array>()
  let made = 0
  let offset = 0
  let rest: Uint8Array = new Uint8Array()
  const makeNext = async (): Promise<void> => {
    while (rest.length < blockSizeBytes && offset < file.sizeBytes) {
      const chunk = await readExactly(file, offset, READ_BYTES)
      offset += chunk.length
      rest = join(rest, toNetascii(chunk))
    }
    made += 1
    kept.set(made, encodeData(made, rest.subarray(0, blockSizeBytes), rollover))
    kept.delete(made - windowSize)
    rest = rest.subarray(blockSizeBytes)
  }
  const makeThrough = async (block: number): Promise<void> => {
    while (made < block) await makeNext()
    if (!kept.has(block)) throw new RangeError(`block ${block} was acknowledged and is gone`)
  }
  let turn: Promise<unknown> = Promise.resolve()
  return {
    packet: block => kept.get(block),
    load: block => {
      const result = turn.then(() => makeThrough(block))
      turn = result.catch(() => undefined)
      return result
    },
  }
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail
  const joined = new Uint8Array(head.length + tail.length)
  joined.set(head)
  joined.set(tail, head.length)
  return joined
}
