import type { Readable } from 'node:stream'
import { STREAM_CHUNK_BYTES } from '../../protocol/frames.ts'

/** The sender of standard input. It reads only what there is credit for, and nothing before the first credit. */
export type Input = {
  credit(bytes: number): void
  stop(): void
}

/**
 * Sends `stdin` through `send` against credit, then `end` once. What was not asked for stays in the pipe at home,
 * where the next reader finds it; an input that breaks counts as ended. `stop` closes what was being read.
 */
export function sendInput(stdin: Readable, send: (bytes: Uint8Array) => void, end: () => void): Input {
  let creditBytes = 0
  let state: 'idle' | 'reading' | 'over' = 'idle'

  const flow = (): void => {
    while (state === 'reading' && creditBytes > 0) {
      const sizeBytes = Math.min(creditBytes, STREAM_CHUNK_BYTES, stdin.readableLength)
      // read(0) starts the next read of the source without taking anything.
      const bytes: unknown = stdin.read(sizeBytes)
      if (!(bytes instanceof Uint8Array)) return
      creditBytes -= bytes.length
      send(bytes)
    }
  }
  const over = (): void => {
    if (state === 'over') return
    stop()
    end()
  }
  const stop = (): void => {
    const hadBegun = state === 'reading'
    state = 'over'
    stdin.off('readable', flow).off('end', over).off('close', over)
    // Pausing is not enough: a read of a terminal or pipe in progress keeps the program alive until somebody types.
    if (hadBegun) stdin.destroy()
  }

  return {
    credit(bytes) {
      creditBytes += bytes
      if (state === 'idle') {
        state = 'reading'
        stdin.on('readable', flow).on('end', over).on('close', over)
        // Stays after stop: an input that breaks later must not end the program that held it.
        stdin.on('error', over)
        if (stdin.readableEnded || stdin.destroyed) over()
      } else flow()
    },
    stop,
  }
}
