import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerFile, httpDate } from './file-answer.ts'
import { ownTurn } from './io/own-turn.ts'
import type { OpenFile, SharedFiles } from './io/shared-files.ts'
import { writeBody } from './io/write-body.ts'
import { memoryFile } from './memory-file.ts'

/** A file to send as it is: its size and strong ETag are known beforehand (the manifest has both). */
export type SendableFile = {
  readonly path: string
  readonly sizeBytes: number
  readonly etag: string
  readonly contentType: string
  /** What it held when it was read into memory, if it was: that is sent, whatever the disk has now. */
  readonly loaded?: { readonly bytes: Uint8Array; readonly modifiedMs: number }
}

/** How files are sent: from where, and how long a client may take nothing before its connection is ended. */
export type FileSending = { readonly files: SharedFiles; readonly stallMs: number; onStall(): void }

/** What became of it: octets of body that the kernel took, and whether that was all of the file. */
export type Sent = { readonly sentBytes: number; readonly isWhole: boolean }

/**
 * Answers GET and HEAD for one file: 200, 206, 304, 412 or 416, never chunked (old firmware wants a length). A client
 * that leaves early is not an error, it just got fewer octets. Rejects when the file cannot be read or is not as long
 * as was said; nothing was sent then, or the response is cut off.
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: SendableFile,
  sending: FileSending,
): Promise<Sent> {
  if (!(await ownTurn(request, response))) return { sentBytes: 0, isWhole: false }
  const { loaded } = file
  const source = loaded ? memoryFile(loaded.bytes, loaded.modifiedMs) : await sending.files.open(file.path)
  try {
    if (source.sizeBytes !== file.sizeBytes)
      throw new Error(`${file.path} has ${source.sizeBytes} octets, not ${file.sizeBytes}`)
    const part = writeHead(request, response, file, source)
    if (part === undefined || request.method === 'HEAD' || part.end < part.start) {
      response.end()
      return { sentBytes: 0, isWhole: false }
    }
    response.setTimeout(sending.stallMs, () => {
      sending.onStall()
      response.destroy()
    })
    const sentBytes = await writeBody(response, source, part.start, part.end, sending.files.turnstile)
    return { sentBytes, isWhole: sentBytes === file.sizeBytes }
  } catch (error) {
    if (response.headersSent) response.destroy()
    throw error
  } finally {
    source.close()
  }
}

/** Writes status and headers; the octets that are to follow, none when the answer has no body. */
function writeHead(
  request: IncomingMessage,
  response: ServerResponse,
  file: SendableFile,
  source: OpenFile,
): { readonly start: number; readonly end: number } | undefined {
  const { sizeBytes, etag, contentType } = file
  const { modifiedMs } = source
  const answer = answerFile(request.method, headersOf(request), { sizeBytes, etag, modifiedMs })
  const facts = { 'Accept-Ranges': 'bytes', ETag: etag, 'Last-Modified': httpDate(modifiedMs) }
  switch (answer.kind) {
    case 'unchanged':
      response.writeHead(304, facts)
      return undefined
    case 'changed':
      response.writeHead(412, { 'Content-Length': 0 })
      return undefined
    case 'unsatisfiable':
      response.writeHead(416, { ...facts, 'Content-Range': `bytes */${sizeBytes}`, 'Content-Length': 0 })
      return undefined
    case 'part': {
      const { start, end } = answer
      const range = {
        'Content-Range': `bytes ${start}-${end}/${sizeBytes}`,
        'Content-Length': end - start + 1,
      }
      response.writeHead(206, { ...facts, ...range, 'Content-Type': contentType })
      return { start, end }
    }
    case 'whole':
      response.writeHead(200, { ...facts, 'Content-Length': sizeBytes, 'Content-Type': contentType })
      return { start: 0, end: sizeBytes - 1 }
  }
}

/** `if-range` may not come twice by Node's rules; its type does not know that. */
function headersOf({ headers }: IncomingMessage) {
  return { ...headers, 'if-range': headers['if-range']?.toString() }
}
