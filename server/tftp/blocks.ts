import { toNetascii } from './netascii.ts'

/** What is served: a file of the disk or one made up. `read` gives fewer octets only at the end. */
export type TftpFile = {
  readonly sizeBytes: number
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/**
 * The blocks of one transfer, numbered from 1; the first block shorter than the block size is the last. A window may
 * be read again as long as its first block is not acknowledged. Rejects when the content is shorter than it said.
 */
export type BlockReader = (block: number) => Promise<Uint8Array>

/** One read fetches about this much ahead, so that a block of 512 octets does not cost a system call. */
const READ_AHEAD_BYTES = 65_536

/** The blocks of `file` as it is (mode octet). */
export function octetBlocks(file: TftpFile, blockSizeBytes: number): BlockReader {
  const blocksPerRead = Math.max(1, Math.floor(READ_AHEAD_BYTES / blockSizeBytes))
  const spanBytes = blocksPerRead * blockSizeBytes
  let index = -1
  let span: Promise<Uint8Array> = Promise.resolve(new Uint8Array())
  return async block => {
    const wanted = Math.floor((block - 1) / blocksPerRead)
    if (wanted !== index) {
      index = wanted
      span = readExactly(file, wanted * spanBytes, spanBytes)
    }
    const start = (block - 1 - wanted * blocksPerRead) * blockSizeBytes
    return (await span).subarray(start, start + blockSizeBytes)
  }
}

/**
 * The blocks of `file` with network line ends (mode netascii). Its place in the file follows from all that came
 * before, so blocks are made once, in order, and the last `windowSize` of them are kept for retransmission.
 */
export function netasciiBlocks(file: TftpFile, blockSizeBytes: number, windowSize: number): BlockReader {
  const kept = new Map<number, Uint8Array>()
  let made = 0
  let offset = 0
  let rest: Uint8Array = new Uint8Array()
  const makeNext = async (): Promise<void> => {
    while (rest.length < blockSizeBytes && offset < file.sizeBytes) {
      const chunk = await readExactly(file, offset, READ_AHEAD_BYTES)
      offset += chunk.length
      rest = join(rest, toNetascii(chunk))
    }
    made += 1
    kept.set(made, rest.subarray(0, blockSizeBytes))
    kept.delete(made - windowSize)
    rest = rest.subarray(blockSizeBytes)
  }
  let turn: Promise<unknown> = Promise.resolve()
  const read = async (block: number): Promise<Uint8Array> => {
    while (made < block) await makeNext()
    const found = kept.get(block)
    if (found === undefined) throw new RangeError(`block ${block} was acknowledged and is gone`)
    return found
  }
  return block => {
    const result = turn.then(() => read(block))
    turn = result.catch(() => undefined)
    return result
  }
}

/** `length` octets from `offset`, or what there is up to the size announced; rejects when the file has shrunk. */
async function readExactly(file: TftpFile, offset: number, length: number): Promise<Uint8Array> {
  const wanted = Math.max(0, Math.min(length, file.sizeBytes - offset))
  const bytes = wanted === 0 ? new Uint8Array() : await file.read(offset, wanted)
  if (bytes.length !== wanted)
    throw new Error(`file ended early: ${bytes.length} of ${wanted} octets at ${offset}`)
  return bytes
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail
  const joined = new Uint8Array(head.length + tail.length)
  joined.set(head)
  joined.set(tail, head.length)
  return joined
}
