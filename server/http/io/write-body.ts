import type { ServerResponse } from 'node:http'
import { nextPace, type Pace } from '../pace.ts'
import { type KernelGo, kernelPath } from './kernel-path.ts'
import type { OpenFile, SharedFiles } from './shared-files.ts'

/** First octets leave with one small read, and a slow client holds no more than this. */
const OWN_BYTES = 64 << 10
/** What Node writes by itself. */
const BY_NODE: KernelGo = { sentBytes: 0, obstacle: 'cold' }

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
  { turnstile, libc }: Pick<SharedFiles, 'turnstile' | 'libc'>,
): Promise<number> {
  const kernel = kernelPath(libc, response, file)
  let position = start
  let pace: Pace = 'slow'
  while (position <= end) {
    // The first piece is Node's: the head leaves with it.
    const { sentBytes, obstacle } = position === start ? BY_NODE : (kernel?.go(position, end) ?? BY_NODE)
    position += sentBytes
    if (obstacle !== undefined && position <= end) {
      const plug = obstacle === 'full' ? kernel?.plug(position, end) : undefined
      const piece = plug ?? (await nextPiece(file, pace, position, end))
      if (response.destroyed) return position - start
      const startedMs = performance.now()
      const taken = taking(response, piece)
      if (plug === undefined && pace === 'brisk') file.ahead(position + piece.length)
      if (!(await taken)) return position - start
      position += piece.length
      if (plug === undefined) pace = nextPace(pace, performance.now() - startedMs)
    }
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

/** Writes; resolves to whether the kernel took all of it, `false` when the connection ended instead. */
function taking(response: ServerResponse, piece: Uint8Array): Promise<boolean> {
  return new Promise(resolve => {
    const onClose = () => resolve(false)
    response.once('close', onClose)
    response.write(piece, error => {
      response.off('close', onClose)
      resolve(!error)
    })
  })
}
