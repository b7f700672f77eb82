import type { TftpErrorCode, TftpOption } from './packet.ts'
import { OPCODE } from './packet.ts'

/** Longest ERROR text we send; it never holds a path of the server. */
const MAX_TEXT = 80

/** DATA: opcode 3, block number modulo 65536 (rollover to 0, as every client we met expects), data. */
export function encodeData(block: number, data: Uint8Array): Uint8Array {
  const packet = new Uint8Array(4 + data.length)
  packet[1] = OPCODE.data
  packet[2] = (block >>> 8) & 0xff
  packet[3] = block & 0xff
  packet.set(data, 4)
  return packet
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
