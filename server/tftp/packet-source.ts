import type { Rollover } from './block-number.ts'
import { encodeDataRun } from './encode.ts'
import type { TftpFile } from './file.ts'
import type { Packets } from './packet-cache.ts'
import { PacketCache } from './packet-cache.ts'
import { readExactly } from './read-exactly.ts'

/**
 * The DATA packets of one transfer, by block number from 1; the first shorter than a whole one is the last. Those of a
 * window may be asked for again as long as its first block is not acknowledged.
 */
export type PacketSource = {
  /** The packet, at once; undefined when it has to be loaded first. */
  packet(block: number): Uint8Array | undefined
  /** Resolves when `packet(block)` is there; rejects when the content cannot be read or is shorter than it said. */
  load(block: number): Promise<void>
}

/** How the packets of a transfer are to be cut. */
export type PacketShape = { readonly blockSizeBytes: number; readonly rollover: Rollover }

/** Packets are made this many octets at a time, so that a block of 512 octets does not cost a system call. */
const RUN_BYTES = 65_536
/** And at most this many packets, so that blocks of 8 octets do not cost a hundred times their size in memory. */
const MAX_RUN_BLOCKS = 64
/** Memory for content made for one request: what the window at hand needs, twice. */
const PRIVATE_CACHE_BYTES = 1 << 18

/** The packets of `file` as it is (mode octet), shared through `shared` where the file may be shared. */
export function octetPackets(file: TftpFile, shape: PacketShape, shared: PacketCache): PacketSource {
  const cache = file.identity === undefined ? new PacketCache(PRIVATE_CACHE_BYTES) : shared
  return new OctetPackets(file, shape, cache)
}

class OctetPackets implements PacketSource {
  readonly #file: TftpFile
  readonly #shape: PacketShape
  readonly #cache: PacketCache
  readonly #prefix: string
  readonly #blocksPerRun: number
  /** The run in hand: it stays, whatever the cache does meanwhile. */
  #index = -1
  #run: Packets = []

  constructor(file: TftpFile, shape: PacketShape, cache: PacketCache) {
    this.#file = file
    this.#shape = shape
    this.#cache = cache
    const identity = cache.prefix(file.identity ?? file)
    this.#prefix = `${identity} ${shape.blockSizeBytes} ${shape.rollover} `
    this.#blocksPerRun = Math.min(MAX_RUN_BLOCKS, Math.max(1, Math.floor(RUN_BYTES / shape.blockSizeBytes)))
  }

  packet(block: number): Uint8Array | undefined {
    const index = this.#indexOf(block)
    if (index !== this.#index && !this.#take(index, this.#cache.get(this.#prefix + index))) return undefined
    return this.#run[block - 1 - index * this.#blocksPerRun]
  }

  async load(block: number): Promise<void> {
    const index = this.#indexOf(block)
    const make = (): Promise<Packets> => this.#make(index)
    this.#take(index, await this.#cache.getOrMake(this.#prefix + index, make))
  }

  #indexOf(block: number): number {
    return Math.floor((block - 1) / this.#blocksPerRun)
  }

  #take(index: number, run: Packets | undefined): boolean {
    if (run === undefined) return false
    this.#index = index
    this.#run = run
    return true
  }

  async #make(index: number): Promise<Packets> {
    const firstBlock = index * this.#blocksPerRun + 1
    const runBytes = this.#blocksPerRun * this.#shape.blockSizeBytes
    const content = await readExactly(this.#file, index * runBytes, runBytes)
    return encodeDataRun(firstBlock, content, this.#blocksPerRun, this.#shape)
  }
}
