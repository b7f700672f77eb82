import type { Duplex } from 'node:stream'
import { type LinkRecord, RECORD_HEAD_BYTES, recordIn, recordLength } from '../envelope.ts'
import { createPieces } from '../pieces.ts'

/**
 * The first record that comes on `socket`, which is paused after it. Rejects when none comes in `timeoutMs`, when the
 * connection ends before, or when the other side says more than one thing before it has an answer.
 */
export function readFirstRecord(socket: Duplex, timeoutMs: number): Promise<LinkRecord> {
  return new Promise((resolve, reject) => {
    const reader = createPieces(RECORD_HEAD_BYTES, recordLength)
    let heldBytes = 0
    const timer = setTimeout(() => settle(new Error(`no greeting in ${timeoutMs} ms`)), timeoutMs)
    const settle = (outcome: Error | LinkRecord): void => {
      clearTimeout(timer)
      socket.off('data', onData).off('error', settle).off('close', onClose).pause()
      if (outcome instanceof Error) reject(outcome)
      else resolve(outcome)
    }
    const onClose = (): void => settle(new Error('closed before a greeting'))
    const onData = (bytes: Uint8Array): void => {
      heldBytes += bytes.length
      const { pieces, violation } = reader.push(bytes)
      const [first] = pieces
      if (violation) settle(new Error(violation.reason))
      else if (first !== undefined) settle(first.length === heldBytes ? recordIn(first) : TOO_MUCH)
      else if (heldBytes > GREETING_MAX_BYTES) settle(TOO_MUCH)
    }
    socket.on('data', onData).on('error', settle).on('close', onClose)
  })
}

const GREETING_MAX_BYTES = 256
const TOO_MUCH = new Error('more than a greeting')
