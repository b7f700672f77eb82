import type { Rollover } from './block-number.ts'
import { wireBlock } from './block-number.ts'
import type { TftpErrorCode, TftpOption } from './packet.ts'
import { OPCODE } from './packet.ts'

/** Longest ERROR text we send; it never holds a path of the server. */
const MAX_TEXT = 80

/** Length of the header of a DATA packet. */
export const DATA_HEADER_BYTES = 4

/** DATA: opcode 3, block number as the wire counts it, data. */
export function encodeData(block: number, data: Uint8Array, rollover: Rollover): Uint8Array {
  const packet = new Uint8Array(DATA_HEADER_BYTES + data.length)
  fillData(packet, block, data, rollover)
  return packet
}

/**
 * The DATA packets of `maxBlocks` blocks from `firstBlock` on, which hold `content`, in one piece of memory. Fewer when
 * the content ends among them: then the last is short, or empty.
 */
export function encodeDataRun(
  firstBlock: number,
  content: Uint8Array,
  maxBlocks: number,
  shape: { readonly blockSizeBytes: number; readonly rollover: Rollover },
): readonly Uint8Array[] {
  const { blockSizeBytes, rollover } = shape
  const blocks = Math.min(maxBlocks, Math.floor(content.length / blockSizeBytes) + 1)
  const memory = new Uint8Array(content.length + blocks * DATA_HEADER_BYTES)
  return Array.from({ length: blocks }, (_, index) => {
    const data = content.subarray(index * blockSizeBytes, (index + 1) * blockSizeBytes)
    const start = index * (blockSizeBytes + DATA_HEADER_BYTES)
    const packet = memory.subarray(start, start + DATA_HEADER_BYTES + data.length)
    fillData(packet, firstBlock + index, data, rollover)
    return packet
  })
}

function fillData(packet: Uint8Array, block: number, data: Uint8Array, rollover: Rollover): void {
  const number = wireBlock(block, rollover)
  packet[1] = OPCODE.data
  packet[2] = number >>> 8
  packet[3] = number & 0xff
  packet.set(data, DATA_HEADER_BYTES)
}

/** OACK: opcode 6, then `name NUL value NUL` for each accepted option (RFC 2347). */
export function encodeOack(options: readonly TftpOption[]): Uint8Array {
  const text = options.map(({ name, value }) => `${name}\0${value}\0`).join('')
  return Uint8Array.from([0, OPCODE.oack, ...ascii(text)])
}

/** ERROR: opcode 5, code, text of at most 80 printable ASCII characters, NUL. */
export function encodeError(code: TftpErrorCode, text: string): Uint8Array {
  const printable = text.slice(0, MAX_TEXT).replace(/[^\x20-\x7e]/g, '?')
  return Uint8Array.from([0, OPCODE.error, 0, code, ...ascii(printable), 0])
}

function ascii(text: string): number[] {
  return Array.from(text, char => char.charCodeAt(0))
}
