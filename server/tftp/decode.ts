import type { DecodedAnswer, DecodedRequest, TftpOption, TransferMode } from './packet.ts'
import { ERROR_CODE, OPCODE } from './packet.ts'

/** RFC 2347 says 512; some loaders pass more. One Ethernet frame is the most anybody sends in good faith. */
const MAX_REQUEST_BYTES = 1468
/** Longest file name we look up: what a file system takes for one segment. */
const MAX_FILENAME_BYTES = 255
/** More options than the RFCs define; the rest of a longer list is not read. */
const MAX_OPTIONS = 10
/** Text of a client's ERROR we keep for the log. */
const MAX_MESSAGE_BYTES = 128

/**
 * Reads a datagram that came to the well-known port:
 *
 *     2 octets   string   1   string   1     string  1   string  1
 *     +--------+----------+---+--------+---+-------+---+-------+---+ ...
 *     | opcode | filename | 0 | mode   | 0 | name  | 0 | value | 0 |
 *     +--------+----------+---+--------+---+-------+---+-------+---+ ...
 *
 * (RFC 1350 §5, RFC 2347). Anything but a request is dropped, never answered; never throws.
 */
export function decodeRequest(bytes: Uint8Array): DecodedRequest {
  const opcode = readUint16(bytes, 0)
  if (opcode === undefined) return { kind: 'dropped', reason: 'shorter than an opcode' }
  if (opcode === OPCODE.write)
    return { kind: 'refused', code: ERROR_CODE.accessViolation, reason: 'writes not allowed' }
  if (opcode !== OPCODE.read) return { kind: 'dropped', reason: 'not a request' }
  if (bytes.length > MAX_REQUEST_BYTES) return { kind: 'dropped', reason: 'request too long' }
  return decodeRead(bytes)
}

function decodeRead(bytes: Uint8Array): DecodedRequest {
  const nameEnd = bytes.indexOf(0, 2)
  if (nameEnd < 0) return illegal('file name without end')
  if (nameEnd === 2) return { kind: 'refused', code: ERROR_CODE.notFound, reason: 'empty file name' }
  if (nameEnd - 2 > MAX_FILENAME_BYTES)
    return { kind: 'refused', code: ERROR_CODE.accessViolation, reason: 'file name too long' }
  // Embedded ROMs have been seen to leave out the NUL behind the mode.
  const modeNul = bytes.indexOf(0, nameEnd + 1)
  const modeEnd = modeNul < 0 ? bytes.length : modeNul
  const mode = transferMode(latin1(bytes.subarray(nameEnd + 1, modeEnd)))
  if (mode === undefined) return illegal('unknown mode')
  return {
    kind: 'read',
    filename: bytes.slice(2, nameEnd),
    mode,
    options: decodeOptions(bytes.subarray(Math.min(modeEnd + 1, bytes.length))),
  }
}

function illegal(reason: string): DecodedRequest {
  return { kind: 'refused', code: ERROR_CODE.illegalOperation, reason }
}

function transferMode(text: string): TransferMode | undefined {
  const mode = text.toLowerCase()
  return mode === 'octet' || mode === 'netascii' ? mode : undefined
}

/** The whole name-value pairs; a name whose value is missing or unended is left out (rubbish after the list too). */
function decodeOptions(bytes: Uint8Array): readonly TftpOption[] {
  const options: TftpOption[] = []
  let at = 0
  while (options.length < MAX_OPTIONS) {
    const nameEnd = bytes.indexOf(0, at)
    const valueEnd = nameEnd < 0 ? -1 : bytes.indexOf(0, nameEnd + 1)
    if (valueEnd < 0) break
    options.push({
      name: latin1(bytes.subarray(at, nameEnd)),
      value: latin1(bytes.subarray(nameEnd + 1, valueEnd)),
    })
    at = valueEnd + 1
  }
  return options
}

/** The block number when `bytes` are an ACK: nearly all that comes to a transfer is one, and this makes no object. */
export function ackedBlock(bytes: Uint8Array): number | undefined {
  const isAck = bytes.length >= 4 && bytes[0] === 0 && bytes[1] === OPCODE.ack
  return isAck ? (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0) : undefined
}

/** Reads a datagram that came to a transfer's own port: ACK or ERROR; never throws. */
export function decodeAnswer(bytes: Uint8Array): DecodedAnswer {
  const opcode = readUint16(bytes, 0)
  const number = readUint16(bytes, 2)
  if (opcode === undefined || number === undefined)
    return { kind: 'dropped', reason: 'answer shorter than 4 octets' }
  if (opcode === OPCODE.ack) return { kind: 'ack', block: number }
  if (opcode !== OPCODE.error) return { kind: 'dropped', reason: 'neither ACK nor ERROR' }
  return { kind: 'error', code: number, message: errorText(bytes.subarray(4)) }
}

/** The text up to its NUL (or the end: some clients leave the NUL out), printable for a log line. */
function errorText(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0)
  const text = latin1(bytes.subarray(0, Math.min(nul < 0 ? bytes.length : nul, MAX_MESSAGE_BYTES)))
  return text.replace(/[^\x20-\x7e]/g, '?')
}

function readUint16(bytes: Uint8Array, at: number): number | undefined {
  const high = bytes[at]
  const low = bytes[at + 1]
  return high === undefined || low === undefined ? undefined : high * 256 + low
}

/** One character per octet, so that nothing is lost or joined; TextDecoder's `latin1` is Windows-1252. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
