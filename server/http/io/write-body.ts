import type { ServerResponse } from 'node:http'
import { nextPace, type Pace } from '../pace.ts'
import type { OpenFile } from './shared-files.ts'
import type { Turnstile } from './turnstile.ts'

/** First octets leave with one small read, and a slow client holds no more than this. */
const OWN_BYTES = 64 << 10

/**
 * Writes octets `start` to `end` (inclusive) of a file as the rest of `response` and ends it. Each piece passes
 * the turnstile: while the kernel takes everything, a loop that went on would let nobody else begin (measured: 4 s to
 * the first octet of 64 clients). Resolves to the octets the kernel took; fewer when the client left. Rejects when the file
 * cannot be read.
 */
export async function writeBody(
  response: ServerResponse,
  file: OpenFile,
  start: number,
  end: number,
  turnstile: Turnstile,
): Promise<number> {
  let position = start
  let pace: Pace = 'slow'
  while (position <= end) {
    const piece = await nextPiece(file, pace, position, end)
    if (response.destroyed) return position - start
    const startedMs = performance.now()
    const hasRoom = response.write(piece)
    if (pace === 'brisk' && position + piece.length <= end) file.ahead(position + piece.length)
    if (!hasRoom && !(await untilDrained(response))) return position - start
    position += piece.length
    pace = nextPace(pace, performance.now() - startedMs)
    if (position <= end) await turnstile.pass()
  }
  response.end()
  return position - start
}

async function nextPiece(file: OpenFile, pace: Pace, position: number, end: number): Promise<Uint8Array> {
  const left = end - position + 1
  if (pace === 'slow') return file.own(position, Math.min(OWN_BYTES, left))
  const piece = await file.shared(position)
  return piece.length > left ? piece.subarray(0, left) : piece
}

/** Whether the kernel took everything; `false` when the connection ended instead. */
function untilDrained(response: ServerResponse): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false)
  return new Promise(resolve => {
    const done = (isDrained: boolean) => {
      response.off('drain', onDrain)
      response.off('close', onClose)
      resolve(isDrained)
    }
    const onDrain = () => done(true)
    const onClose = () => done(false)
    response.on('drain', onDrain)
    response.on('close', onClose)
  })
}
