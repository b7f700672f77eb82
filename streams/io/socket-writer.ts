import type { Socket } from 'node:net'
import type { Frame } from '../frame.ts'
import { sendTogether } from './sent-together.ts'

/**
 * More than this unwritten, and the other side has taken more credit than it gave: a request, the largest frame there
 * is, and the windows of two streams fit.
 */
const UNWRITTEN_MAX_BYTES = 6 << 20

/** The writing half of a unix socket that carries one run. */
export type SocketWriter = {
  /** What is written in one turn leaves as one, so that the other side is woken once. */
  write(...frames: readonly Frame[]): void
  /** Ends the connection when all is written. */
  end(): void
}

/**
 * Writes to `socket` and tells `onGone` once when it closes. Memory stays bounded though nobody waits for the writes:
 * what streams carry was granted by the other side before, and one that does not take what it granted is cut off.
 */
export function createSocketWriter(socket: Socket, onGone: () => void): SocketWriter {
  socket.on('error', () => undefined) // `close` follows, and says it all
  socket.once('close', onGone)
  return {
    write(...frames) {
      if (socket.destroyed) return
      sendTogether(socket)
      for (const { bytes } of frames) socket.write(bytes)
      if (socket.writableLength > UNWRITTEN_MAX_BYTES) socket.destroy()
    },
    end: () => void socket.end(),
  }
}
