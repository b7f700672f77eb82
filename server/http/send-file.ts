import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { chooseRange } from './range.ts'

/** A file to send as it is: its size and strong ETag are known beforehand (the manifest has both). */
export type SendableFile = {
  readonly path: string
  readonly sizeBytes: number
  readonly etag: string
  readonly contentType: string
}

/** Reads of 1 MiB: measured to cost the least CPU of all ways to send a large file from Node. */
const READ_BYTES = 1 << 20

/**
 * Answers GET and HEAD for one file: 200, 206 or 416, `ETag`, `Accept-Ranges`, never chunked (old firmware wants a
 * length). Resolves to the octets of body sent; a client that leaves early is not an error, it just got fewer.
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: SendableFile,
): Promise<number> {
  const ifRange = request.headers['if-range']
  const choice = chooseRange(request.headers.range, file.sizeBytes, ifRange?.toString(), file.etag)
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('ETag', file.etag)
  if (choice.kind === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${file.sizeBytes}`, 'Content-Length': 0 }).end()
    return 0
  }
  if (request.headers['if-none-match'] === file.etag && choice.kind === 'whole') {
    response.writeHead(304).end()
    return 0
  }
  const [start, end] = choice.kind === 'part' ? [choice.start, choice.end] : [0, file.sizeBytes - 1]
  if (choice.kind === 'part') response.setHeader('Content-Range', `bytes ${start}-${end}/${file.sizeBytes}`)
  response.writeHead(choice.kind === 'part' ? 206 : 200, {
    'Content-Length': end - start + 1,
    'Content-Type': file.contentType,
  })
  if (request.method === 'HEAD' || end < start) {
    response.end()
    return 0
  }
  return streamBody(response, file.path, start, end)
}

async function streamBody(
  response: ServerResponse,
  path: string,
  start: number,
  end: number,
): Promise<number> {
  const source = createReadStream(path, { start, end, highWaterMark: READ_BYTES })
  let sentBytes = 0
  source.on('data', chunk => {
    sentBytes += chunk.length
  })
  try {
    await pipeline(source, response)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
  return sentBytes
}
