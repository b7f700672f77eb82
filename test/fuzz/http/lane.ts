import { connect, type Socket } from 'node:net'
import type { Random } from '../random.ts'
import type { Recent } from '../recent.ts'
import { createResponses } from './responses.ts'
import { type FuzzedRequest, malformed, wellFormed } from './source.ts'

/** Answers may take this long; a server under load is slower than an idle one. */
const DEADLINE_MS = 10_000
/** A malformed request gets so much time for its answer; then we hang up on it. */
const PATIENCE_MS = 100
const MAX_THROWN = 32

/** One keep-alive connection for requests that must be answered, and a connection each for those that need not. */
export type Lane = {
  /** Puts a request in line (or throws a malformed one at the server). */
  fire(): void
  /** Sends what is in line; resolves when all of it is answered. */
  settle(): Promise<void>
  flaw(): string | undefined
  close(): void
}

/** Opens nothing yet; `percentMalformed` of the requests are malformed. */
export function createLane(
  server: { readonly host: string; readonly port: number },
  random: Random,
  recent: Recent,
  percentMalformed: number,
): Lane {
  let flaw: string | undefined
  let line: string[] = []
  const waiting: FuzzedRequest[] = []
  let answered: FuzzedRequest | undefined
  let socket: Socket | undefined
  let onProgress = () => {}
  const thrown = new Set<Socket>()

  const dial = () => {
    const opened = connect({ ...server, noDelay: true })
    const responses = createResponses(() => {
      answered = waiting.shift()
      return answered?.method
    })
    opened.on('data', piece => {
      const done = responses.take(piece)
      if (typeof done === 'string') flaw ??= done
      onProgress()
    })
    opened.on('error', error => {
      flaw ??= `the connection broke: ${error.message}`
    })
    opened.on('close', () => {
      if (socket === opened) socket = undefined
      if (waiting.length > 0)
        flaw ??= `the server hung up with ${waiting.length} requests unanswered, the first ${JSON.stringify(waiting[0]?.text)}, after ${JSON.stringify(answered?.text)}`
      onProgress()
    })
    return opened
  }

  const hurl = (bytes: Uint8Array) => {
    const [oldest] = thrown
    if (thrown.size >= MAX_THROWN) oldest?.destroy()
    const opened = connect({ ...server })
    thrown.add(opened)
    const timer = setTimeout(() => opened.destroy(), PATIENCE_MS)
    opened.once('data', piece => {
      if (!piece.toString('latin1').startsWith('HTTP/1.1 '))
        flaw ??= `not an answer: ${piece.toString('hex')}`
      opened.destroy()
    })
    // A reset is a fair answer to what we send here.
    opened.on('error', () => {})
    opened.on('close', () => {
      clearTimeout(timer)
      thrown.delete(opened)
    })
    opened.write(bytes)
  }

  return {
    fire() {
      if (random.chance(percentMalformed)) {
        const bytes = malformed(random)
        recent.push(bytes)
        return hurl(bytes)
      }
      const request = wellFormed(random)
      recent.push(Buffer.from(request.text, 'latin1'))
      line.push(request.text)
      waiting.push(request)
    },
    async settle() {
      socket ??= dial()
      socket.write(line.join(''), 'latin1')
      line = []
      const all = new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${waiting.length} requests were not answered`)),
          DEADLINE_MS,
        )
        onProgress = () => {
          if (waiting.length > 0 && flaw === undefined) return
          clearTimeout(timer)
          resolve()
        }
        onProgress()
      })
      await all
      if (flaw !== undefined) throw new Error(flaw)
    },
    flaw: () => flaw,
    close: () => {
      for (const each of [socket, ...thrown]) each?.destroy()
    },
  }
}
